import { exit, print } from "vatlet/system";
import * as clients from "../../../src/cap/client.js";
import * as pools from "../../../src/cap/pools.js";
import * as servers from "../../../src/cap/server.js";
import * as lists from "../../../src/layout/list-builder.js";
import * as structs from "../../../src/layout/struct-builder.js";
import * as messages from "../../../src/message/message.js";
import * as connections from "../../../src/rpc/connection.js";

print(Object.keys({ ...lists, ...structs, ...messages, ...clients, ...pools, ...servers, ...connections }).join());
exit(0);
