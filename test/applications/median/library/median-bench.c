#error "left out by the manifest"
