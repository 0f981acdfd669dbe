import { exit, print, programArguments } from "vatlet/system";

const given = programArguments();
print(`${given.length} ${given.map((text) => `<${text}>`).join("")}`);
exit(0);
