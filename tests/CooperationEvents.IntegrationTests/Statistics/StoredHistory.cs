using System.Text.Json;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests.Statistics;

/// <summary>One row of the history as the database holds it.</summary>
public sealed record StoredEvent(long Position, Guid Id, Guid Stream, string Type, JsonElement Data);

/// <summary>The history, read row by row from the table and from nowhere else.</summary>
public sealed class StoredHistory(TestDatabase database) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1);
    private readonly List<StoredEvent> _events = [];
    private long _read;

    /// <summary>Every event up to a position, in order. The position must be settled: what is read is not read again.</summary>
    public async Task<IReadOnlyList<StoredEvent>> UpTo(long position)
    {
        await _one.WaitAsync();
        try
        {
            if (position > _read)
            {
                var rows = await database.Rows(
                    "select seq_id, id, stream_id, type, data::text from register.mt_events where seq_id > $1 and seq_id <= $2 order by "
                        + "seq_id",
                    _read,
                    position
                );
                foreach (var row in rows)
                {
                    using var data = JsonDocument.Parse((string)row[4]!);
                    _events.Add(new StoredEvent((long)row[0]!, (Guid)row[1]!, (Guid)row[2]!, (string)row[3]!, data.RootElement.Clone()));
                }

                _read = position;
            }

            return [.. _events.TakeWhile(e => e.Position <= position)];
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();
}
