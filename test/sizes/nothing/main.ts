import { exit, print } from "vatlet/system";

print("");
exit(0);
