import { ExceptionType, type Pools, TextReader } from "vatlet/runtime";
import type { Room } from "./room.js";
import { Telemetry } from "./telemetry.js";
import {
	SensorServer,
	type SensorSampleCall,
	ThermostatServer,
	type ThermostatReadCall,
	type ThermostatSensorCall,
	type ThermostatSetTargetCall,
	type ThermostatWatchCall,
} from "./thermostat.capnp.js";

const TARGET_MIN = 5;
const TARGET_MAX = 30;

class RoomSensor extends SensorServer {
	readonly #room: Room;

	constructor(room: Room) {
		super();
		this.#room = room;
	}

	sample(call: SensorSampleCall): void {
		call.results.setCelsius(this.#room.celsius);
		call.done();
	}
}

class OutsideSensor extends SensorServer {
	readonly #room: Room;

	constructor(room: Room) {
		super();
		this.#room = room;
	}

	sample(call: SensorSampleCall): void {
		call.results.setCelsius(this.#room.outsideCelsius);
		call.done();
	}
}

/** The device's own capability: reads and steers one room, for one watcher at a time. */
export class Thermostat extends ThermostatServer {
	readonly telemetry: Telemetry;
	readonly #room: Room;
	readonly #roomSensor: RoomSensor;
	readonly #outsideSensor: OutsideSensor;
	readonly #name = new TextReader();

	constructor(pools: Pools, room: Room, label: string) {
		super();
		this.#room = room;
		this.#roomSensor = new RoomSensor(room);
		this.#outsideSensor = new OutsideSensor(room);
		this.telemetry = new Telemetry(pools, room, label);
	}

	read(call: ThermostatReadCall): void {
		const results = call.results;
		results.setCelsius(this.#room.celsius);
		results.setTarget(this.#room.target);
		results.setHeating(this.#room.heating);
		call.done();
	}

	setTarget(call: ThermostatSetTargetCall): void {
		const celsius = call.params.getCelsius();
		// Written so that NaN is refused too.
		if (!(celsius >= TARGET_MIN && celsius <= TARGET_MAX)) {
			call.fail(ExceptionType.FAILED, "the target must be from 5 to 30 degrees");
			return;
		}
		this.#room.target = celsius;
		call.done();
	}

	watch(call: ThermostatWatchCall): void {
		const telemetry = this.telemetry;
		if (telemetry.active) {
			call.fail(ExceptionType.OVERLOADED, "somebody is watching already");
			return;
		}
		call.params.takeListener(telemetry.listener);
		call.results.setSubscription(telemetry);
		call.done();
	}

	sensor(call: ThermostatSensorCall): void {
		const name = call.params.readName(this.#name);
		if (name.equalsString("room")) call.results.setSensor(this.#roomSensor);
		else if (name.equalsString("outside")) call.results.setSensor(this.#outsideSensor);
		else {
			call.fail(ExceptionType.FAILED, 'there are the sensors "room" and "outside"');
			return;
		}
		call.done();
	}
}
