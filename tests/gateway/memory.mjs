// Peak resident memory of programs, as Linux counts it, and bounds of it.
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const isCounted = existsSync("/proc/self/status");

const forget = ({ child }) => {
  try {
    writeFileSync(`/proc/${child.pid}/clear_refs`, "5");
  } catch {
    // Not permitted everywhere: the peak is then that since the program was started.
  }
};

// Megabytes; NaN on other systems, with which no comparison fails.
const peak = ({ name, hasEnded, child }) => {
  if (hasEnded) throw new Error(`${name} has ended`);
  if (!isCounted) return NaN;
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))[1]) / 1024;
};

// What `act` gives, and of each program the peak meanwhile and by how much it exceeds the memory before.
export const observed = async (programs, act) => {
  programs.forEach(forget);
  const before = programs.map(peak);
  const result = await act();
  const peaks = programs.map(peak);
  return { result, peaks, growths: peaks.map((megabytes, index) => megabytes - before[index]) };
};

export const isBounded = ({ name, memory }, { peaks, growths }) => {
  assert.ok(!(peaks[0] > memory.peak), `${name} takes ${peaks[0]} MB`);
  assert.ok(!(growths[0] > memory.growth), `${name} takes ${growths[0]} MB more`);
};
