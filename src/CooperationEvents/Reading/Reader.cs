using System.Buffers.Text;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Projections;
using CooperationEvents.Recording;
using CooperationEvents.Storage;
using Marten;
using Microsoft.Net.Http.Headers;
using Npgsql;

namespace CooperationEvents.Reading;

/// <summary>A page of a list, and where the next begins.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items);

/// <summary>Answers reads of the read models: waits for <c>minPosition</c>, says how far they have come, and pages by cursor.</summary>
public sealed class Reader(
    IDocumentStore store,
    NpgsqlDataSource database,
    ReadPosition position,
    ExternalReferences references,
    TimeProvider clock
)
{
    public const int DefaultPageSize = 50;
    public const int LargestPage = 500;

    /// <summary>The day it is in UTC, for what is so from a day on.</summary>
    public DateOnly Today => DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);

    /// <summary>Waits for the position the query asks for and puts the one reached into the answer's header.</summary>
    public async Task<(long Position, IResult? Refused)> Begin(HttpContext http, QueryParameters query)
    {
        var wanted = query.Position("minPosition");
        if (query.Fault() is { } fault)
            return (0, ProblemResult.Of(fault));
        return await Reach(http, wanted ?? 0);
    }

    /// <summary>Waits for a position and puts the one reached into the answer's header.</summary>
    private async Task<(long Position, IResult? Refused)> Reach(HttpContext http, long wanted)
    {
        Problem? late = null;
        var current = await position.Current(http.RequestAborted);
        if (current < wanted)
            (current, late) = await http.WaitWithoutPermit(() => position.Reach(wanted, http.RequestAborted));
        http.Response.Headers[CommandEndpoint.PositionHeader] = current.ToString(CultureInfo.InvariantCulture);
        return late is null ? (current, null) : (current, ProblemResult.Of(late));
    }

    /// <summary>One read model by id; nothing but 304 where the caller has its answer already.</summary>
    /// <param name="varies">Whether the answer depends on more than the version, such as the day: it is sent each time then.</param>
    public async Task<IResult> One<TView, TAnswer>(
        HttpContext http,
        string id,
        Func<TView, Task<TAnswer>> answer,
        Func<TView, bool>? varies = null
    )
        where TView : class, IView
    {
        var (view, _, refused) = await Found<TView>(http, id);
        if (view is null)
            return refused!;
        return EntityTags.IsKnown(http, new EntityTagHeaderValue($"\"{view.Version}\"")) && varies?.Invoke(view) != true
            ? Results.StatusCode(StatusCodes.Status304NotModified)
            : Results.Json(await answer(view), Json.Options);
    }

    /// <summary>The read model of an id in a path with the position reached, or why there is none.</summary>
    /// <param name="waits">
    /// Whether what is recorded, and in no read model yet, is waited for: where readers are given an address and no position.
    /// </param>
    public async Task<(TView? View, long Position, IResult? Refused)> Found<TView>(HttpContext http, string id, bool waits = false)
        where TView : class, IView
    {
        var (reached, refused) = await Begin(http, new QueryParameters(http.Request.Query));
        if (refused is not null)
            return (null, reached, refused);
        if (Uuid.Read(id) is not { } key)
            return (null, reached, NotFound());
        var view = await Find<TView>(key, http.RequestAborted);
        if (view is null && waits && await RecordedAt(TView.Stream, key, http.RequestAborted) is { } recorded)
        {
            (reached, refused) = await Reach(http, recorded);
            view = refused is null ? await Find<TView>(key, http.RequestAborted) : null;
        }

        return view is null ? (null, reached, refused ?? NotFound()) : (view, reached, null);

        IResult NotFound() => ProblemResult.Of(KernelProblems.NotFound.Because(Absent($"{TView.Stream}", id)));
    }

    /// <summary>Says that nothing of that id can be read.</summary>
    public static string Absent(string what, string id) =>
        $"There is no {what} {id}, or not yet in the read models; ask with minPosition to wait for one just recorded.";

    /// <summary>Whether something of that kind is recorded under the id, be it in the read models yet or not.</summary>
    public Task<bool> IsRecorded(StreamKind kind, Guid id, CancellationToken cancellation) =>
        database.Scalar<bool>("select exists (select from register.mt_streams where id = $1 and type = $2)", [id, $"{kind}"], cancellation);

    /// <summary>The position of the event that began something of that kind; null where nothing of it is recorded under the id.</summary>
    private Task<long?> RecordedAt(StreamKind kind, Guid id, CancellationToken cancellation) =>
        database.Scalar<long?>(
            """
            select e.seq_id from register.mt_streams s join register.mt_events e on e.stream_id = s.id and e.version = 1
            where s.id = $1 and s.type = $2
            """,
            [id, $"{kind}"],
            cancellation
        );

    /// <summary>
    /// That a parameter names something that is not recorded: a misspelt id must not pass for one that no item has. It is looked up in
    /// the history, since what was recorded a moment ago is in no read model yet. What is no id is told with the other faults of the query.
    /// </summary>
    public async Task<FieldError[]> NotRecorded(HttpContext http, string parameter, StreamKind kind) =>
        Uuid.Read(http.Request.Query[parameter]) is not { } id || await IsRecorded(kind, id, http.RequestAborted)
            ? []
            : [new FieldError("/" + parameter, $"There is no {kind} {id}.")];

    /// <summary>The read models of those ids that have one.</summary>
    public async Task<IReadOnlyList<TView>> FindMany<TView>(IReadOnlyCollection<Guid> ids, CancellationToken cancellation)
        where TView : class, IView
    {
        await using var session = store.QuerySession();
        return ids.Count == 0 ? [] : await session.LoadManyAsync<TView>(cancellation, ids);
    }

    /// <summary>
    /// All read models that meet the conditions, a page at a time, without a connection held between pages. They come in the order of their
    /// ids, which never change, so that nothing recorded meanwhile hides or repeats one.
    /// </summary>
    public async IAsyncEnumerable<IReadOnlyList<TView>> All<TView>(
        IReadOnlyList<(string Sql, object Value)> filter,
        int atATime,
        [EnumeratorCancellation] CancellationToken cancellation
    )
        where TView : class, IView
    {
        for (var after = Guid.Empty; ; )
        {
            var views = await Select<TView>([.. filter, ("id > ?", after)], $"order by id limit {atATime}", cancellation);
            if (views.Count > 0)
                yield return views;
            if (views.Count < atATime)
                yield break;
            after = views[^1].Id;
        }
    }

    public async Task<TView?> Find<TView>(Guid id, CancellationToken cancellation)
        where TView : class, IView
    {
        await using var session = store.QuerySession();
        return await session.LoadAsync<TView>(id, cancellation);
    }

    /// <summary>A list whose items are rows of a table as they are.</summary>
    /// <inheritdoc cref="List{TView, TAnswer, TRow}"/>
    public Task<IResult> List<TView, TAnswer>(
        HttpContext http,
        QueryParameters query,
        IReadOnlyList<(string Sql, object Value)> filter,
        Func<TView, TAnswer> answer
    )
        where TView : class, IView =>
        List<TView, TAnswer, TAnswer>(http, query, filter, view => Task.FromResult(answer(view)), Task.FromResult);

    /// <summary>
    /// A list of read models in the order of their sort keys, which never change: the cursor is the last key of the page before,
    /// so that each is shown once, whatever is recorded meanwhile. Those of an external reference alone, where one is asked for.
    /// As CSV it is the whole list, unless a page of it is asked for.
    /// </summary>
    /// <param name="filter">SQL conditions on <c>data</c> and the duplicated columns, with parameters from <c>$1</c> on.</param>
    /// <param name="rows">The rows of the table for some of the items.</param>
    public async Task<IResult> List<TView, TAnswer, TRow>(
        HttpContext http,
        QueryParameters query,
        IReadOnlyList<(string Sql, object Value)> filter,
        Func<TView, Task<TAnswer>> answer,
        Func<IReadOnlyList<TAnswer>, Task<IReadOnlyList<TRow>>> rows
    )
        where TView : class, IView
    {
        var limit = query.Number("limit", 1, LargestPage);
        var after = Cursor.Read(http, query);
        var (system, id) = (query.Text("system"), query.Text("id"));
        if (system is null != id is null)
            query.Refuse(system is null ? "system" : "id", "An external reference has both: system and id.");
        var isDescribed = typeof(TRow) != typeof(TAnswer);
        var format = ListTable.Wanted(http, query);
        var (_, refused) = await Begin(http, query);
        if (refused is not null)
            return refused;
        if (system is not null)
        {
            var digests = await references.Digests(TView.Stream, ExternalReference.Sent(system, id!), http.RequestAborted);
            filter = [.. filter, ("id in (select stream_id from recording.external_reference where digest = any(?))", digests.ToArray())];
        }

        if (format is not null && limit is null && after is null)
            return ListTable.Of(http, format, Whole(), isDescribed);

        var (views, more) = await Page(after ?? "", limit ?? DefaultPageSize);
        if (more)
            Cursor.Link(http, $"{views[^1].SortKey}");
        var answers = await Answers(views);
        return format is not null
            ? ListTable.Of(http, format, new[] { await rows(answers) }.ToAsyncEnumerable(), isDescribed)
            : Results.Json(new Page<TAnswer>(answers), Json.Options);

        async Task<(List<TView> Views, bool More)> Page(string from, int size)
        {
            var page = await Select<TView>([.. filter, ("sort_key > ?", from)], $"order by sort_key limit {size + 1}", http.RequestAborted);
            var goesOn = page.Count > size;
            if (goesOn)
                page.RemoveAt(size);
            return (page, goesOn);
        }

        async Task<IReadOnlyList<TAnswer>> Answers(IEnumerable<TView> page)
        {
            var made = new List<TAnswer>();
            foreach (var view in page)
                made.Add(await answer(view));
            return made;
        }

        async IAsyncEnumerable<IReadOnlyList<TRow>> Whole()
        {
            for (var (from, goesOn) = ("", true); goesOn; )
            {
                (var page, goesOn) = await Page(from, LargestPage);
                yield return await rows(await Answers(page));
                from = goesOn ? page[^1].SortKey : from;
            }
        }
    }

    /// <summary>The conditions as one text, with parameters from <c>$1</c> on; <c>true</c> where there are none.</summary>
    public static string Where(IReadOnlyList<(string Sql, object Value)> conditions) =>
        conditions.Count == 0
            ? "true"
            : string.Join(" and ", conditions.Select((c, i) => c.Sql.Replace("?", $"${i + 1}", StringComparison.Ordinal)));

    /// <summary>
    /// By SQL, not by LINQ: the same conditions are used where the database sums documents up, and join tables that hold none, such as
    /// that of external references.
    /// </summary>
    private async Task<List<TView>> Select<TView>(
        IReadOnlyList<(string Sql, object Value)> conditions,
        string order,
        CancellationToken cancellation
    )
        where TView : class, IView =>
        await database.Query(
            $"select data from {TView.Table} where {Where(conditions)} {order}",
            [.. conditions.Select(c => c.Value)],
            rows => JsonSerializer.Deserialize<TView>(rows.GetString(0), Json.Options)!,
            cancellation
        );
}

/// <summary>A read model kept as a document.</summary>
public interface IView
{
    /// <summary>What it is a read model of.</summary>
    static abstract StreamKind Stream { get; }

    static abstract string Table { get; }

    Guid Id { get; }

    long Version { get; }

    /// <summary>Unique, and the order of the list; it never changes.</summary>
    string SortKey { get; }
}

/// <summary>A read model of what is so from a day on: it reads otherwise from one day to the next, though nothing was recorded.</summary>
public interface IChangeByDay
{
    /// <summary>What it says on that day.</summary>
    object On(DateOnly day);
}

/// <summary>Where a page of a list ended, as an opaque text that no other list takes.</summary>
public static class Cursor
{
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>The key that the page asked for begins after; null where none is given.</summary>
    public static string? Read(HttpContext http, QueryParameters query)
    {
        if (query.Text("cursor") is not { } cursor)
            return null;
        if (IsOf(http, cursor))
            return Decoded(cursor)![ListOf(http).Length..];
        Refuse(query);
        return null;
    }

    /// <inheritdoc cref="Read"/>
    public static long? ReadNumber(HttpContext http, QueryParameters query, long most = long.MaxValue)
    {
        if (Read(http, query) is not { } key)
            return null;
        if (long.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most)
            return number;
        Refuse(query);
        return null;
    }

    public static void Refuse(QueryParameters query) => query.Refuse("cursor", "Must be a cursor from a Link header of this list.");

    /// <summary>Points to the next page of the same list (RFC 8288).</summary>
    /// <param name="key">Of the last item of this page.</param>
    /// <param name="fixedParameters">Parameters the next page must have, whether or not this one was asked for with them.</param>
    public static void Link(HttpContext http, FormattableString key, params KeyValuePair<string, string?>[] fixedParameters) =>
        LinkTo(http, [.. fixedParameters, new("cursor", Encoded(ListOf(http) + FormattableString.Invariant(key)))]);

    /// <summary>Points to the page of the same list that has these parameters instead of its own.</summary>
    public static void LinkTo(HttpContext http, params KeyValuePair<string, string?>[] given)
    {
        var query = http
            .Request.Query.Where(p => given.All(g => g.Key != p.Key))
            .Select(p => new KeyValuePair<string, string?>(p.Key, p.Value))
            .Concat(given);
        http.Response.Headers.Link = $"<{http.Request.Path}{QueryString.Create(query)}>; rel=\"next\"";
    }

    /// <summary>The list that a path is of, in whatever form it answers.</summary>
    private static string ListOf(HttpContext http) => $"{http.Request.Path}".Split('.')[0].TrimEnd('/') + " ";

    /// <summary>Whether it is one of the list that is asked for.</summary>
    internal static bool IsOf(HttpContext http, string cursor) =>
        Decoded(cursor)?.StartsWith(ListOf(http), StringComparison.OrdinalIgnoreCase) == true;

    private static string Encoded(string text) => Base64Url.EncodeToString(Utf8.GetBytes(text));

    private static string? Decoded(string cursor)
    {
        try
        {
            return Utf8.GetString(Base64Url.DecodeFromChars(cursor)) is var text && !text.Contains('\0', StringComparison.Ordinal)
                ? text
                : null;
        }
        catch (Exception e) when (e is FormatException or DecoderFallbackException)
        {
            return null;
        }
    }
}
