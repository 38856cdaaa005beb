// Loaded before the program (`node --import`): the client of S3 cannot be found, as where nobody has installed it.
import { register } from 'node:module';

const hooks = `export async function resolve(name, context, next) {
  if (name === '@aws-sdk/client-s3') throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
  return await next(name, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
