import type { Invariant } from './invariant.ts';

/** A client that goes on asking gets an answer in the end, and nothing of what this load sends may be refused. */
export const allSentWasAcknowledged: Invariant = {
  name: 'all-sent-was-acknowledged',
  violations({ sent, answers }) {
    const acknowledged = new Set(answers.flatMap((answer) => (answer.kind === 'ok' ? [answer.key] : [])));
    const refused = answers.flatMap((answer) =>
      answer.kind === 'fail' ? [`${answer.key}: refused with ${answer.status} ${answer.problem}`] : [],
    );
    const unanswered = sent
      .filter(({ key }) => !acknowledged.has(key))
      .map(({ key }) => `${key}: was sent and never acknowledged`);
    return [...refused, ...unanswered];
  },
};
