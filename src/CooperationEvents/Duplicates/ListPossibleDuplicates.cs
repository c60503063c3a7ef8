using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Projections;
using CooperationEvents.Reading;
using CooperationEvents.Storage;
using Npgsql;
using Wolverine.Http;

namespace CooperationEvents.Duplicates;

/// <summary>
/// Records of one kind that may be the same, in the order in which they were recorded, and why: all that these very records have in
/// common.
/// </summary>
public sealed record PossibleDuplicates(string Kind, string Why, ValueList<Guid> Ids);

/// <summary>
/// What may be recorded twice, to work on: people of one name or e-mail address, save those who are restricted, organisations of one name
/// or identifier, meetings of one framework, level and days or moment of beginning, or of one edition. Merge, succeed, correct or void what
/// is; the rest stays as it is.
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
    public static async Task<IResult> Get(HttpContext http, NpgsqlDataSource database, ReadPosition position, IKnowHidden hidden)
    {
        var query = new QueryParameters(http.Request.Query);
        var kind = query.OneOf("kind", DuplicatesParameters.Kinds);
        var asked = query.Number("limit", 1, Reader.LargestPage);
        var format = ListTable.Wanted(http, query);
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

        var people = await hidden.In(http);

        // As CSV it is the whole list, unless a page of it is asked for.
        if (format is not null && asked is null && after.Length == 0)
            return ListTable.Of(http, format, ListTable.Pages<Found, byte[]>([], Read, f => f.Digest).Select(Items), isDescribed: false);
        var limit = asked ?? Reader.DefaultPageSize;
        var found = await Read(after, limit + 1);
        if (found.Count > limit)
            Cursor.Link(http, $"{Convert.ToHexString(found[limit - 1].Digest)}");
        var page = Items([.. found.Take(limit)]);
        return format is not null
            ? ListTable.Of(http, format, new[] { page }.ToAsyncEnumerable(), isDescribed: false)
            : Results.Json(new Page<PossibleDuplicates>(page), Json.Options);

        Task<IReadOnlyList<Found>> Read(byte[] from, int most) => Find(database, people, from, kind, most, http.RequestAborted);
    }

    private static IReadOnlyList<PossibleDuplicates> Items(IReadOnlyList<Found> found) => [.. found.Select(f => f.Item)];

    /// <summary>What is alike by several digests stands where the first of them does.</summary>
    private static async Task<IReadOnlyList<Found>> Find(
        NpgsqlDataSource database,
        IReadOnlySet<Guid> hidden,
        byte[] after,
        string? kind,
        int limit,
        CancellationToken cancellation
    ) =>
        await database.Query(
            """
            select alike.digest, alike.kind, also.why, alike.ids
            from (
                select digest, kind, array_agg(stream_id order by number) as ids from recording.likeness
                where why is not null and digest > $1 and ($2::text is null or kind = $2) and not stream_id = any($4)
                group by digest, kind having count(*) > 1
            ) alike
            cross join lateral (
                select string_agg(distinct why collate "C", ', ' order by why collate "C") as why,
                    bool_and(digest >= alike.digest) as is_first
                from (
                    select shared.digest, min(shared.why) as why
                    from recording.likeness mine join recording.likeness shared using (digest)
                    where mine.stream_id = alike.ids[1] and mine.why is not null and shared.why is not null
                        and not shared.stream_id = any($4)
                    group by shared.digest
                    having array_agg(shared.stream_id order by shared.stream_id)
                        = (select array_agg(id order by id) from unnest(alike.ids) id)
                ) same
            ) also
            where also.is_first
            order by alike.digest limit $3
            """,
            [after, kind, limit, hidden.ToArray()],
            rows => new Found(
                rows.GetFieldValue<byte[]>(0),
                new PossibleDuplicates(rows.GetString(1), rows.GetString(2), [.. rows.GetFieldValue<Guid[]>(3)])
            ),
            cancellation
        );

    private static bool TryRead(string key, out byte[] digest)
    {
        digest = new byte[key.Length / 2];
        return Convert.FromHexString(key, digest, out _, out _) == System.Buffers.OperationStatus.Done;
    }

    /// <param name="Digest">Of the first of what they have in common, by which the list is ordered.</param>
    private sealed record Found(byte[] Digest, PossibleDuplicates Item);
}
