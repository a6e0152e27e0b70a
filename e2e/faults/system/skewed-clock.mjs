// Preloaded into a process whose wall clock is to be wrong by `skewMs` of its own URL. The monotonic clock stays right, as it does
// on a machine whose time was set wrong.
const skewMs = Number(new URL(import.meta.url).searchParams.get('skewMs'));
const RealDate = Date;

globalThis.Date = class Date extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + skewMs);
    else super(...args);
  }

  static now() {
    return RealDate.now() + skewMs;
  }
};
