using CooperationEvents.Access;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Reading;
using Npgsql;
using Wolverine.Http;

namespace CooperationEvents.Duplicates;

/// <summary>Records of one kind that may be the same, in the order in which they were recorded, and why.</summary>
public sealed record PossibleDuplicates(string Kind, string Why, ValueList<Guid> Ids);

/// <summary>
/// What may be recorded twice, to work on: people of one name or e-mail address, organisations of one name or identifier, meetings
/// of one framework, level and days, or of one edition. Merge, succeed, correct or void what is; the rest stays as it is.
/// </summary>
public static class ListPossibleDuplicatesEndpoint
{
    [WolverineGet("/v1/possible-duplicates", OperationId = "list-possible-duplicates")]
    [Query(
        Scopes.ActivityRead,
        typeof(Page<PossibleDuplicates>),
        "kind",
        "limit",
        "cursor",
        MediaTypes = ["application/json", CsvLines.MediaType]
    )]
    public static async Task<IResult> Get(HttpContext http, NpgsqlDataSource database, ReadPosition position)
    {
        var query = new QueryParameters(http.Request.Query);
        var kind = query.OneOf("kind", "person", "organisation", "meeting");
        var asked = query.Number("limit", 1, Reader.LargestPage);
        http.Response.Headers.Append("Vary", "Accept");
        var asTable = MediaTypes.Preferred(http.Request, "application/json", CsvLines.MediaType) == CsvLines.MediaType;
        var wanted = query.Position("minPosition") ?? 0;
        byte[] after = [];
        if (Cursor.Read(http, query) is { } key && !TryRead(key, out after))
            Cursor.Refuse(query);
        if (query.Fault() is { } fault)
            return ProblemResult.Of(fault);
        var (reached, late) = await position.Reach(wanted, http.RequestAborted);
        http.Response.Headers[CommandEndpoint.PositionHeader] = reached.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (late is not null)
            return ProblemResult.Of(late);

        // As CSV it is the whole list, unless a page of it is asked for.
        if (asTable && asked is null && after.Length == 0)
            return ListTable.Of(http, Whole(), isDescribed: false);
        var limit = asked ?? Reader.DefaultPageSize;
        var found = await Find(database, after, kind, limit + 1, http.RequestAborted);
        if (found.Count > limit)
            Cursor.Link(http, $"{Convert.ToHexString(found[limit - 1].Digest)}");
        PossibleDuplicates[] page = [.. found.Take(limit).Select(f => f.Item)];
        return asTable
            ? ListTable.Of(http, new[] { page }.ToAsyncEnumerable<IReadOnlyList<PossibleDuplicates>>(), isDescribed: false)
            : Results.Json(new Page<PossibleDuplicates>(page), Json.Options);

        async IAsyncEnumerable<IReadOnlyList<PossibleDuplicates>> Whole()
        {
            for (byte[] from = []; ; )
            {
                var some = await Find(database, from, kind, Reader.LargestPage, http.RequestAborted);
                yield return [.. some.Select(f => f.Item)];
                if (some.Count < Reader.LargestPage)
                    yield break;
                from = some[^1].Digest;
            }
        }
    }

    private static async Task<List<(byte[] Digest, PossibleDuplicates Item)>> Find(
        NpgsqlDataSource database,
        byte[] after,
        string? kind,
        int limit,
        CancellationToken cancellation
    )
    {
        await using var command = database.CreateCommand(
            """
            select digest, kind, min(why), array_agg(stream_id order by number) from recording.likeness
            where why is not null and digest > $1 and ($2::text is null or kind = $2)
            group by digest, kind having count(*) > 1 order by digest limit $3
            """
        );
        command.Parameters.Add(new NpgsqlParameter { Value = after });
        command.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = kind });
        command.Parameters.Add(new NpgsqlParameter { Value = limit });
        var found = new List<(byte[] Digest, PossibleDuplicates Item)>();
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
        {
            found.Add(
                (
                    rows.GetFieldValue<byte[]>(0),
                    new PossibleDuplicates(rows.GetString(1), rows.GetString(2), [.. rows.GetFieldValue<Guid[]>(3)])
                )
            );
        }

        return found;
    }

    private static bool TryRead(string key, out byte[] digest)
    {
        digest = new byte[key.Length / 2];
        return Convert.FromHexString(key, digest, out _, out _) == System.Buffers.OperationStatus.Done;
    }
}
