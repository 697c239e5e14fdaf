// The events of one session, kept so that a broken stream can be taken up where it ended.
//
// The SDK's own store of its examples orders events by the clock, which two events can share, and
// cannot replay the stream of a GET; so this one counts. It does not tell the SDK whose an event
// is beforehand (`getStreamIdForEventId`): the SDK would refuse to resume a stream until it noticed
// that the client has gone, and when it does is nobody's choice.

export class EventStore {
  #events = [];

  async storeEvent(streamId, message) {
    this.#events.push({ streamId, message });
    return String(this.#events.length);
  }

  async replayEventsAfter(lastEventId, { send }) {
    const last = Number(lastEventId);
    const { streamId } = this.#events[last - 1] ?? {};
    if (streamId === undefined) throw new Error('there is no such event');
    for (const [index, event] of this.#events.entries()) {
      if (index >= last && event.streamId === streamId) await send(String(index + 1), event.message);
    }
    return streamId;
  }
}
