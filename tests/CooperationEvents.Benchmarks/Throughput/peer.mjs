// One command and one event: no validation, no access, no read models. What a team would write with Emmett and Express.
import express from 'express';
import { randomUUID } from 'node:crypto';
import { isExpectedVersionConflictError } from '@event-driven-io/emmett';
import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';

const store = getPostgreSQLEventStore(process.env.PEER_DATABASE);
await store.schema.migrate?.();
const app = express();
app.use(express.json({ limit: '1mb' }));

const creates = (path, kind, type) =>
  app.post(path, async (request, response, next) => {
    try {
      const id = randomUUID();
      const appended = await store.appendToStream(
        `${kind}-${id}`,
        [{ type, data: { id, ...request.body } }],
        { expectedStreamVersion: 'STREAM_DOES_NOT_EXIST' });
      response.status(201).json({ id, version: appended.nextExpectedStreamVersion.toString() });
    } catch (error) {
      next(error);
    }
  });

creates('/v1/organisations', 'organisation', 'organisation_registered');
creates('/v1/meetings', 'meeting', 'meeting_scheduled');

const attend = async (stream, attendees) => {
  const { state: present, currentStreamVersion } = await store.aggregateStream(stream, {
    initialState: () => new Set(),
    evolve: (state, event) => event.type === 'attendance_recorded' ? state.add(event.data.personId) : state,
  });
  const fresh = attendees.filter((a) => !present.has(a.personId));
  return store.appendToStream(
    stream, fresh.map((a) => ({ type: 'attendance_recorded', data: a })), { expectedStreamVersion: currentStreamVersion });
};

app.post('/v1/meetings/:id/attendance', async (request, response, next) => {
  for (let attempt = 1; ; attempt++) {
    try {
      const appended = await attend(`meeting-${request.params.id}`, request.body.attendees);
      return response.json({ id: request.params.id, version: appended.nextExpectedStreamVersion.toString() });
    } catch (error) {
      if (!isExpectedVersionConflictError(error) || attempt === 10) return next(error);
    }
  }
});

app.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('ready'));
