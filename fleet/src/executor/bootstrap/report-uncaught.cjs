'use strict';

const { describeError } = require('./describe-error.cjs');
const { isMemoryFailure } = require('./memory-failure.cjs');

const listenerCount = process.listenerCount.bind(process);
const hasCaptureCallback = process.hasUncaughtExceptionCaptureCallback.bind(process);

/** Reports the error that ends the process, which is the first one that nothing handles. */
function reportUncaught(report) {
  let reported = false;
  process.on('uncaughtExceptionMonitor', (thrown) => {
    // A handler of the code's own takes it from here; what the process ends with is then up to the code.
    if (reported || listenerCount('uncaughtException') > 0 || hasCaptureCallback()) return;
    reported = true;
    report({ kind: 'uncaught_error', error: describeError(thrown), memory: isMemoryFailure(thrown) });
  });
}

module.exports = { reportUncaught };
