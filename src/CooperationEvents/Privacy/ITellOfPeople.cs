using System.Text.Json;
using CooperationEvents.Storage;

namespace CooperationEvents.Privacy;

/// <summary>One section of the report that a person may ask for: what a part of the register holds, or did, with what is theirs.</summary>
public interface ITellOfPeople
{
    /// <summary>The member of the report, such as <c>attendances</c>.</summary>
    string Section { get; }

    /// <summary>Everything to be told of the persons, who are one; an empty list where there is nothing.</summary>
    Task<IReadOnlyList<JsonElement>> Tell(IReadOnlyCollection<Guid> people, CancellationToken cancellation);
}

/// <summary>Rows of a statement as JSON, for reports.</summary>
internal static class ReportRows
{
    /// <summary>Each row as an object of its columns; the only parameter is the ids of the persons.</summary>
    public static async Task<IReadOnlyList<JsonElement>> Report(
        this Npgsql.NpgsqlDataSource database,
        string sql,
        IReadOnlyCollection<Guid> people,
        CancellationToken cancellation
    ) =>
        await database.Query(
            $"select to_jsonb(of)::text from ({sql}) of",
            [people.ToArray()],
            row => JsonElement.Parse(row.GetString(0)),
            cancellation
        );
}
