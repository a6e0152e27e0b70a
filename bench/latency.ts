import { quantiles, type Quantiles } from './quantiles.ts';
import type { TaskTimes } from './run-task.ts';

export type Stage = Exclude<keyof TaskTimes, 'endedAt'>;
export type Latency = Record<Stage, Quantiles>;

export function latencyOf(times: readonly TaskTimes[]): Latency {
  const stage = (name: Stage) => quantiles(times.map((time) => time[name]));
  return {
    acceptedMs: stage('acceptedMs'),
    queuedMs: stage('queuedMs'),
    ranMs: stage('ranMs'),
    recordedMs: stage('recordedMs'),
    seenMs: stage('seenMs'),
  };
}
