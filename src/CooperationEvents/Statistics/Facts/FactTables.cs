using CooperationEvents.Projections;
using Marten;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace CooperationEvents.Statistics.Facts;

/// <summary>
/// The bitemporal facts every figure is computed from, and the commitments, which count in none. A row is known from the position
/// <c>known_from</c> until before <c>known_to</c> (null: still); its dates say when it was so. Rows are closed, never changed or removed.
/// </summary>
public sealed class FactTables(string schema)
{
    /// <summary>The facts the service answers from.</summary>
    public static FactTables Live { get; } = new(ReadModelSchemas.Live.Facts);

    public string Framework { get; } = schema + ".framework";

    public string Level { get; } = schema + ".level";

    public string Area { get; } = schema + ".area";

    public string OrganisationName { get; } = schema + ".organisation_name";

    public string Membership { get; } = schema + ".membership";

    public string Person { get; } = schema + ".person";

    public string Meeting { get; } = schema + ".meeting";

    public string Placement { get; } = schema + ".placement";

    /// <summary>That any attendance was recorded, whatever its status: a row for each meeting, from its first on.</summary>
    public string AttendanceRecorded { get; } = schema + ".attendance_recorded";

    public string Attendance { get; } = schema + ".attendance";

    public string Delegation { get; } = schema + ".delegation";

    public string PersonMerge { get; } = schema + ".person_merge";

    public string PersonIdentity { get; } = schema + ".person_identity";

    public string Succession { get; } = schema + ".succession";

    public string Commitment { get; } = schema + ".commitment";

    public IReadOnlyList<string> All =>
        [
            Framework,
            Level,
            Area,
            OrganisationName,
            Membership,
            Person,
            Meeting,
            Placement,
            AttendanceRecorded,
            Attendance,
            Delegation,
            PersonMerge,
            PersonIdentity,
            Succession,
            Commitment,
        ];

    public void Configure(StoreOptions options)
    {
        Add(options, Framework, ["framework_id", "known_from"], t =>
        {
            t.AddColumn("name", "text").NotNull();
            t.AddColumn("established_on", "text").NotNull();
            t.AddColumn("parties", "text[]").NotNull();
            t.AddColumn("party_names", "text[]").NotNull();
        });
        Add(options, Level, ["framework_id", "code:text", "known_from"], t =>
        {
            t.AddColumn("name", "text").NotNull();
            t.AddColumn("rank", "integer").NotNull();
        });
        Add(options, Area, ["framework_id", "code:text", "known_from"], t => t.AddColumn("name", "text").NotNull());
        Add(options, OrganisationName, ["organisation_id", "known_from"], t =>
        {
            t.AddColumn("short_name", "text").NotNull();
            t.AddColumn("name", "text").NotNull();
            t.AddColumn("valid_from", "date").NotNull();
        });
        Add(options, Membership, ["framework_id", "organisation_id", "known_from"], t =>
        {
            t.AddColumn("party", "text").NotNull();
            t.AddColumn("joined_on", "date").NotNull();
            t.AddColumn("left_on", "date");
            t.AddColumn("evidence", "uuid[]").NotNull();
        });
        Add(options, Person, ["person_id", "known_from"], _ => { });
        Add(options, Meeting, ["meeting_id", "known_from"], t =>
        {
            t.AddColumn("held", "boolean").NotNull();
            t.AddColumn("voided", "boolean").NotNull();
            t.AddColumn("title", "text").NotNull();
            t.AddColumn("first_day", "date").NotNull();
            t.AddColumn("last_day", "date").NotNull();
            t.AddColumn("starts", "text").NotNull();
            t.AddColumn("ends", "text").NotNull();
            t.AddColumn("mode", "text");
            t.AddColumn("country", "text");
            t.AddColumn("hosts", "uuid[]").NotNull().DefaultValueByExpression("'{}'");
            t.AddColumn("co_hosts", "uuid[]").NotNull().DefaultValueByExpression("'{}'");
            t.AddColumn("areas", "text[]").NotNull().DefaultValueByExpression("'{}'");
            t.AddColumn("evidence", "uuid[]").NotNull();
        });
        Add(options, Placement, ["meeting_id", "framework_id", "known_from"], t =>
        {
            t.AddColumn("level", "text").NotNull();
            t.AddColumn("edition", "integer");
        });
        Add(options, AttendanceRecorded, ["meeting_id", "known_from"], _ => { });
        Add(options, Attendance, ["meeting_id", "person_id", "known_from"], t =>
        {
            t.AddColumn("organisation_id", "uuid").NotNull();
            t.AddColumn("role", "text").NotNull();
            t.AddColumn("evidence", "uuid[]").NotNull();
        });
        Add(options, Delegation, ["meeting_id", "organisation_id", "known_from"], t =>
        {
            t.AddColumn("heads", "integer").NotNull();
            t.AddColumn("precision", "text").NotNull();
            t.AddColumn("evidence", "uuid[]").NotNull();
        });
        Add(options, PersonMerge, ["person_id", "known_from"], t =>
        {
            t.AddColumn("into_id", "uuid").NotNull();
            t.AddColumn("evidence", "uuid[]").NotNull();
            Index(t, "into_id");
        });
        Add(options, PersonIdentity, ["person_id", "known_from"], t =>
        {
            t.AddColumn("counted_as", "uuid").NotNull();
            t.AddColumn("evidence", "uuid[]").NotNull();
            Index(t, "counted_as");
        });
        Add(options, Succession, ["organisation_id", "known_from"], t =>
        {
            t.AddColumn("follower_id", "uuid");
            t.AddColumn("valid_from", "date").NotNull();
            t.AddColumn("evidence", "uuid[]").NotNull();
        });
        Add(options, Commitment, ["commitment_id", "known_from"], t =>
        {
            t.AddColumn("framework_id", "uuid").NotNull();
            t.AddColumn("meeting_id", "uuid");
            t.AddColumn("owners", "uuid[]").NotNull();
            t.AddColumn("area", "text");
            t.AddColumn("recorded_on", "date").NotNull();
            t.AddColumn("due_on", "date");
            t.AddColumn("status", "text").NotNull();
        });
    }

    private void Add(StoreOptions options, string name, string[] key, Action<Table> columns)
    {
        var table = new Table(new PostgresqlObjectName(schema, name[(schema.Length + 1)..], SchemaUtils.IdentifierUsage.General));
        foreach (var column in key)
        {
            var parts = column.Split(':');
            table
                .AddColumn(
                    parts[0],
                    parts.Length > 1 ? parts[1]
                        : parts[0] == "known_from" ? "bigint"
                        : "uuid"
                )
                .NotNull()
                .AsPrimaryKey();
        }

        table.AddColumn("known_to", "bigint");
        columns(table);

        // By these is found what became known, or ceased to be, since a position.
        table.Indexes.Add(new IndexDefinition($"{table.Identifier.Name}_known_from") { Columns = ["known_from"] });
        table.Indexes.Add(
            new IndexDefinition($"{table.Identifier.Name}_known_to") { Columns = ["known_to"], Predicate = "known_to is not null" }
        );
        options.Storage.ExtendedSchemaObjects.Add(table);
    }

    private static void Index(Table table, string column) =>
        table.Indexes.Add(new IndexDefinition($"{table.Identifier.Name}_{column}") { Columns = [column] });
}
