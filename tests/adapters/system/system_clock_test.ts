// The machine's clock is a Clock.

import { systemClock } from "../../../adapters/system/system_clock.ts";
import { clockContract } from "../../contracts/clock_contract.ts";

clockContract("systemClock", () => ({ clock: systemClock, pass: () => Promise.resolve() }));
