import config from "mc/config";
import { serve } from "server";
import routes from "routes";

const listener = serve(config.port, routes, (path) => {
	trace(`served ${path}\n`);
	if (path === "/end") listener.close();
});
trace(`${config.name} on port ${listener.port}, greetings from ${config.greeting.from} to ${config.greeting.to}\n`);
