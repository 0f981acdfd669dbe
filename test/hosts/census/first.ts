import { printMeters } from "./meters.js";

printMeters("at start");
