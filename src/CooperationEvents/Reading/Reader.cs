using System.Globalization;
using System.Text;
using System.Text.Json;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Npgsql;

namespace CooperationEvents.Reading;

/// <summary>A page of a list, and where the next begins.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items);

/// <summary>Answers reads of the read models: waits for <c>minPosition</c>, says how far they have come, and pages by cursor.</summary>
public sealed class Reader(NpgsqlDataSource database, ReadPosition position)
{
    public const int DefaultPageSize = 50;
    public const int LargestPage = 500;

    /// <summary>Waits for the position the query asks for and puts the one reached into the answer's header.</summary>
    public async Task<(long Position, IResult? Refused)> Begin(HttpContext http, QueryParameters query)
    {
        var wanted = query.Position("minPosition");
        if (query.Fault() is { } fault)
            return (0, ProblemResult.Of(fault));
        var (current, late) = await position.Reach(wanted ?? 0, http.RequestAborted);
        http.Response.Headers[CommandEndpoint.PositionHeader] = current.ToString(CultureInfo.InvariantCulture);
        return late is null ? (current, null) : (current, ProblemResult.Of(late));
    }

    /// <summary>One read model by id.</summary>
    public async Task<IResult> One<TView, TAnswer>(HttpContext http, string id, Func<TView, Task<TAnswer>> answer)
        where TView : class, IView
    {
        var (_, refused) = await Begin(http, new QueryParameters(http.Request.Query));
        if (refused is not null)
            return refused;
        if (!Guid.TryParse(id, out var key) || await Find<TView>(key, http.RequestAborted) is not { } view)
            return ProblemResult.Of(KernelProblems.NotFound.Because($"There is no {TView.What} {id}, or not yet in the read models; ask with minPosition to wait for one just recorded."));
        http.Response.Headers.ETag = $"\"{view.Version}\"";
        return Results.Json(await answer(view), Json.Options);
    }

    public async Task<TView?> Find<TView>(Guid id, CancellationToken cancellation)
        where TView : class, IView
    {
        await using var command = database.CreateCommand($"select data from {TView.Table} where id = $1");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        return await command.ExecuteScalarAsync(cancellation) is string json ? JsonSerializer.Deserialize<TView>(json, Json.Options) : null;
    }

    /// <summary>
    /// A page of read models in the order of their sort keys. The cursor is the last key of the page before, so that what
    /// is recorded meanwhile neither repeats nor hides an item.
    /// </summary>
    /// <param name="filter">SQL conditions on <c>data</c> and the duplicated columns, with parameters from <c>$1</c> on.</param>
    public async Task<IResult> List<TView, TAnswer>(
        HttpContext http, QueryParameters query, IReadOnlyList<(string Sql, object Value)> filter, Func<TView, TAnswer> answer)
        where TView : class, IView
    {
        var limit = query.Number("limit", 1, LargestPage) ?? DefaultPageSize;
        var after = query.Text("cursor") is { } cursor ? Cursor.Read(cursor, query) : null;
        var (_, refused) = await Begin(http, query);
        if (refused is not null)
            return refused;

        var conditions = filter.Append(("sort_key > ?", after ?? "")).ToList();
        var where = string.Join(" and ", conditions.Select((c, i) => c.Item1.Replace("?", $"${i + 1}", StringComparison.Ordinal)));
        await using var command = database.CreateCommand($"select data from {TView.Table} where {where} order by sort_key limit {limit + 1}");
        foreach (var (_, value) in conditions)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        var views = new List<TView>();
        await using (var rows = await command.ExecuteReaderAsync(http.RequestAborted))
        {
            while (await rows.ReadAsync(http.RequestAborted))
                views.Add(JsonSerializer.Deserialize<TView>(rows.GetString(0), Json.Options)!);
        }

        if (views.Count > limit)
        {
            views.RemoveAt(limit);
            Cursor.Link(http, Cursor.Write(views[^1].SortKey));
        }

        return Results.Json(new Page<TAnswer>([.. views.Select(answer)]), Json.Options);
    }
}

/// <summary>A read model kept as a document.</summary>
public interface IView
{
    /// <summary>What it shows, in a word.</summary>
    static abstract string What { get; }

    static abstract string Table { get; }

    long Version { get; }

    /// <summary>Unique, and the order of the list.</summary>
    string SortKey { get; }
}

/// <summary>Where a page ended, as an opaque text.</summary>
public static class Cursor
{
    public static string Write(string key) => Convert.ToBase64String(Encoding.UTF8.GetBytes(key)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    public static string? Read(string cursor, QueryParameters query)
    {
        var text = cursor.Replace('-', '+').Replace('_', '/');
        var bytes = new byte[text.Length];
        if (Convert.TryFromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='), bytes, out var length)
            && Encoding.UTF8.GetString(bytes, 0, length) is var key && !key.Contains('\0', StringComparison.Ordinal))
            return key;
        query.Refuse("cursor", "Must be a cursor from a Link header of this list.");
        return null;
    }

    /// <summary>Points to the next page of the same list (RFC 8288).</summary>
    /// <param name="fixedParameters">Parameters the next page must have, whether or not this one was asked for with them.</param>
    public static void Link(HttpContext http, string cursor, params KeyValuePair<string, string?>[] fixedParameters) =>
        LinkBy(http, "cursor", cursor, fixedParameters);

    /// <param name="name">The parameter that says where the next page begins.</param>
    public static void LinkBy(HttpContext http, string name, string value, params KeyValuePair<string, string?>[] fixedParameters)
    {
        KeyValuePair<string, string?>[] given = [.. fixedParameters, new(name, value)];
        var query = http.Request.Query.Where(p => given.All(g => g.Key != p.Key)).Select(p => new KeyValuePair<string, string?>(p.Key, p.Value)).Concat(given);
        http.Response.Headers.Link = $"<{http.Request.Path}{QueryString.Create(query)}>; rel=\"next\"";
    }
}
