/** What a client saw of one request. */
export type Answer = AnswerOf & {
  key: string;
  /** Whether the client had sent it as a repetition from the start. */
  repetition: boolean;
  sentAtMs: number;
  atMs: number;
};

type AnswerOf =
  | { kind: 'ok'; id: string; fresh: boolean }
  /** The edge says that it did not take it. */
  | { kind: 'fail'; status: number; problem: string }
  /** It may have been taken, or not. */
  | { kind: 'unknown'; why: string };
