import { Hono } from 'hono';
import type { EdgeContext } from './context.ts';
import { authenticate } from './middleware/authenticate.ts';
import { methodNotAllowed } from './middleware/method-not-allowed.ts';
import { notFound, onError } from './middleware/on-error.ts';
import { openServices } from './middleware/open-services.ts';
import { requestLog } from './middleware/request-log.ts';
import { getTask } from './routes/get-task.ts';
import { getWorker } from './routes/get-worker.ts';
import { health, ready } from './routes/health.ts';
import { listTasks } from './routes/list-tasks.ts';
import { listWorkers } from './routes/list-workers.ts';
import { submitTask } from './routes/submit-task.ts';

export const app = new Hono<EdgeContext>()
  .onError(onError)
  .notFound(notFound)
  .use(requestLog)
  .get('/health', health)
  .all('/health', methodNotAllowed('GET'))
  .use('/ready', openServices)
  .get('/ready', ready)
  .all('/ready', methodNotAllowed('GET'))
  .use('/tasks/*', openServices, authenticate)
  .post('/tasks', submitTask)
  .get('/tasks', listTasks)
  .all('/tasks', methodNotAllowed('GET', 'POST'))
  .get('/tasks/:id', getTask)
  .all('/tasks/:id', methodNotAllowed('GET'))
  .use('/workers/*', openServices, authenticate)
  .get('/workers', listWorkers)
  .all('/workers', methodNotAllowed('GET'))
  .get('/workers/:id', getWorker)
  .all('/workers/:id', methodNotAllowed('GET'));
