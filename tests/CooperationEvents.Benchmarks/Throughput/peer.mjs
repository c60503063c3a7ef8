// One command and one event in a new stream: no validation, no access, no read models. What a team would write with Emmett and Express.
import express from 'express';
import { randomUUID } from 'node:crypto';
import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';

const store = getPostgreSQLEventStore(process.env.PEER_DATABASE);
await store.schema.migrate?.();
const app = express();
app.use(express.json());

app.post('/v1/organisations', async (request, response, next) => {
  try {
    const id = randomUUID();
    const { name, shortName, externalReference } = request.body;
    const appended = await store.appendToStream(
      `organisation-${id}`,
      [{ type: 'organisation_registered', data: { organisationId: id, name, shortName, externalReference } }],
      { expectedStreamVersion: 'STREAM_DOES_NOT_EXIST' });
    response.status(201).json({ id, version: appended.nextExpectedStreamVersion.toString() });
  } catch (error) {
    next(error);
  }
});

app.post('/v1/meetings/:id/attendance', async (request, response, next) => {
  try {
    const stream = `meeting-${request.params.id}`;
    const attendees = new Set();
    const { currentStreamVersion } = await store.aggregateStream(stream, {
      initialState: () => attendees,
      evolve: (state, event) => state.add(event.data.personId),
    });
    const fresh = request.body.attendees.filter((a) => !attendees.has(a.personId));
    const appended = await store.appendToStream(
      stream, fresh.map((a) => ({ type: 'attendance_recorded', data: a })), { expectedStreamVersion: currentStreamVersion });
    response.json({ id: request.params.id, version: appended.nextExpectedStreamVersion.toString() });
  } catch (error) {
    next(error);
  }
});

app.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('ready'));
