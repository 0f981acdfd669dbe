/** The part of the jasmine package's programmatic interface that we use; its own package carries no types. */
declare module "jasmine" {
	interface RunnerResult {
		overallStatus: string;
		incompleteReason?: string;
	}
	export default class Jasmine {
		constructor(options: { projectBaseDir: string });
		exitOnCompletion: boolean;
		env: jasmine.Env;
		addReporter(reporter: jasmine.CustomReporter): void;
		execute(files: string[], filter?: string): Promise<RunnerResult>;
	}
}
