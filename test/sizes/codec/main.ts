import { exit, print } from "vatlet/system";
import * as lists from "../../../src/layout/list-builder.js";
import * as structs from "../../../src/layout/struct-builder.js";
import * as messages from "../../../src/message/message.js";

print(Object.keys({ ...lists, ...structs, ...messages }).join());
exit(0);
