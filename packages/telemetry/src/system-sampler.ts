import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Clock } from '@automatos/kernel';

/** One look at the machine and this process. */
export interface SystemSample {
  /** 0–100 of the cores of the cgroup, or of the host where there is no limit. */
  cpuPercent: number;
  /** 0–100 of the cgroup's memory limit, or of the host's memory. */
  memoryPercent: number;
  /** Resident memory of this process. */
  memoryBytes: number;
  eventLoopLagMs: { p50: number; p99: number };
}

export interface SystemSampler {
  /** A fresh sample, or the last one when it is younger than a second. */
  sample(): SystemSample;
  stop(): void;
}

const RESOLUTION_MS = 20;
const SAMPLE_AGE_MS_MIN = 1000;
const CGROUP = '/sys/fs/cgroup';

/** Starts watching the event loop; everything else is read when asked. */
export function createSystemSampler(deps: { clock: Clock }): SystemSampler {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let before = readCpu(deps.clock.now());
  let last: { at: number; sample: SystemSample } | undefined;

  return {
    sample() {
      const now = deps.clock.now();
      if (last !== undefined && now - last.at < SAMPLE_AGE_MS_MIN) return last.sample;
      const cpu = readCpu(now);
      const sample: SystemSample = {
        cpuPercent: cpuPercentBetween(before, cpu) ?? last?.sample.cpuPercent ?? 0,
        memoryPercent: memoryPercent(),
        memoryBytes: process.memoryUsage.rss(),
        eventLoopLagMs: { p50: lagMs(delay.percentile(50)), p99: lagMs(delay.percentile(99)) },
      };
      delay.reset();
      before = cpu;
      last = { at: now, sample };
      return sample;
    },
    stop: () => void delay.disable(),
  };
}

/** The histogram holds the whole time between two ticks of its timer; the timer's own interval is no lag. */
function lagMs(nanoseconds: number): number {
  return Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS) : 0;
}

interface CpuReading {
  busyMs: number;
  /** Time all usable cores together could have worked. */
  possibleMs: number;
}

/** Cgroup v2 counts only our own container; where it has no limit, or is absent, the host's cores are counted. */
function readCpu(nowMs: number): CpuReading {
  const quota = readText(`${CGROUP}/cpu.max`)?.trim().split(' ');
  const usage = /usage_usec (\d+)/.exec(readText(`${CGROUP}/cpu.stat`) ?? '')?.[1];
  if (quota !== undefined && quota[0] !== 'max' && usage !== undefined) {
    const cores = Math.min(availableParallelism(), Number(quota[0]) / Number(quota[1]));
    return { busyMs: Number(usage) / 1000, possibleMs: nowMs * cores };
  }
  const reading = { busyMs: 0, possibleMs: 0 };
  for (const { times } of cpus()) {
    const all = times.user + times.nice + times.sys + times.irq + times.idle;
    reading.busyMs += all - times.idle;
    reading.possibleMs += all;
  }
  return reading;
}

function cpuPercentBetween(before: CpuReading, after: CpuReading): number | undefined {
  const possible = after.possibleMs - before.possibleMs;
  if (possible <= 0) return undefined;
  return Math.min(100, Math.max(0, ((after.busyMs - before.busyMs) / possible) * 100));
}

function memoryPercent(): number {
  const limit = Number(readText(`${CGROUP}/memory.max`)?.trim());
  if (Number.isFinite(limit) && limit > 0 && limit < totalmem()) {
    const used = Number(readText(`${CGROUP}/memory.current`)?.trim());
    // File pages that the kernel gives back on demand are no usage.
    const idle = Number(
      /inactive_file (\d+)/.exec(readText(`${CGROUP}/memory.stat`) ?? '')?.[1] ?? 0,
    );
    if (Number.isFinite(used)) return Math.min(100, ((used - idle) / limit) * 100);
  }
  const available = /MemAvailable:\s+(\d+) kB/.exec(readText('/proc/meminfo') ?? '')?.[1];
  const free = available === undefined ? freemem() : Number(available) * 1024;
  return Math.min(100, (1 - free / totalmem()) * 100);
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Not Linux, or no cgroup v2: the caller has another source.
    return undefined;
  }
}
