using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Projections;

/// <summary>
/// The form in which the rows of the read models say what was recorded. <c>hosting.read_models</c> holds the form in which all of them were
/// made. It has no row where no version noted one.
/// </summary>
public static class ReadModelForm
{
    /// <summary>
    /// That of this version. One more where a view says what earlier versions left out of it, or a new one shows what was recorded before:
    /// what was read so far must be read again then, and operators are told so.
    /// </summary>
    public const int Current = 1;

    /// <summary>Noted where versions of several forms wrote rows.</summary>
    private const int Mixed = 0;

    private const string Noted = "hosting.read_models";

    private const string Progress = $"{EventStore.Schema}.mt_event_progression";

    private const string HasRead = $"exists (select from {Progress} where name = '{ReadModel.Shard}' and last_seq_id > 0)";

    /// <summary>A statement that notes that they are made in the form of this version, from the first event on.</summary>
    public static readonly string Note =
        $"insert into {Noted} (form) values ({Current}) on conflict (one) do update set form = excluded.form";

    /// <summary>Notes the form of read models that hold nothing yet, and that nobody noted: a node of another form may lead them.</summary>
    public static Task NoteFirst(NpgsqlConnection connection, CancellationToken cancellation) =>
        connection.Execute(
            $"""
            do $note$
            begin
                if not {HasRead} and not exists (select from {Noted}) then
                    {Note};
                end if;
            end $note$
            """,
            [],
            cancellation
        );

    /// <summary>
    /// Called before this version writes rows. Where another form is noted, rows are of several from now on. An older version that prepared
    /// since may have taken back the right to note it: then nodes of that version are not told.
    /// </summary>
    public static Task NoteWriter(NpgsqlConnection connection, CancellationToken cancellation) =>
        connection.Execute(
            $"""
            do $note$
            begin
                if exists (select from {Noted} where form <> {Current}) then
                    update {Noted} set form = case when {HasRead} then {Mixed} else {Current} end;
                end if;
            exception
                when insufficient_privilege then null;
            end $note$
            """,
            [],
            cancellation
        );

    /// <summary>
    /// Whether rows may have been made in another form than that of this version. It can be asked before anything is prepared.
    /// </summary>
    public static async Task<bool> IsAnother(NpgsqlConnection connection, CancellationToken cancellation)
    {
        return await Holds(IsThere(Progress))
            && await Holds(HasRead)
            && !(await Holds(IsThere(Noted)) && await Holds($"exists (select from {Noted} where form = {Current})"));

        Task<bool> Holds(string condition) => connection.Scalar<bool>($"select {condition}", [], cancellation);

        static string IsThere(string table) => $"to_regclass('{table}') is not null";
    }
}
