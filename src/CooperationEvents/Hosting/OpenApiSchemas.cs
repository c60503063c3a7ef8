using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Statistics.Counting;
using CooperationEvents.Statistics.Presentation;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace CooperationEvents.Hosting;

/// <summary>The schemas of bodies and answers, with the limits the service holds them to.</summary>
internal static class OpenApiSchemas
{
    internal const string DatePattern = "^[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2})?)?)?)?$";

    /// <summary>Every query parameter of the API, by name; one that means several things, by what it is about and its name.</summary>
    public static IReadOnlyDictionary<string, (string Description, Func<OpenApiSchema> Schema)> QueryParameters { get; } =
        new Dictionary<string, (string, Func<OpenApiSchema>)>
        {
            ["minPosition"] = ("Wait, for 2 seconds at most, until the read models have come to this position.", Position),
            ["limit"] = ("How many items at most.", () => new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1" }),
            ["cursor"] = ("From the Link header of the page before.", Text),
            ["system"] = ("With id: the one that has this external reference. The system that names it so.", Text),
            ["id"] = ("With system: the one that has this external reference. How that system names it.", Text),
            ["name"] = ("Words that all stand in the name, in any order, whatever their capitals and accents.", Text),
            ["email"] = ("The e-mail address.", Text),
            ["identityDays"] = (KeptFor("names and external references"), Days),
            ["contactDays"] = (KeptFor("e-mail addresses"), Days),
            ["postDays"] = (KeptFor("functions and grades"), Days),
            ["textsDays"] = (KeptFor("free texts about a person"), Days),
            ["kind"] = ("Only records of this kind.", () => Words("person", "organisation", "meeting")),
            ["framework"] = ("The id of a framework.", Id),
            ["organisation"] = ("The id of an organisation.", Id),
            ["level"] = ("The code of a level.", Text),
            ["topic"] = ("The code of an area.", Text),
            ["party"] = ("The code of a party.", Text),
            ["year"] = ("The year of a meeting's last day.", () => new OpenApiSchema { Type = JsonSchemaType.Integer }),
            ["state"] = ("The meeting's state.", () =>
                Words("scheduled", "postponed", "cancelled", "held", "did-not-take-place", "voided")
            ),
            ["status"] = ("The commitment's status. What is overdue is open too.", () => Words("open", "overdue", "fulfilled", "dropped")),
            ["owner"] = ("The id of an organisation that undertook it.", Id),
            ["dueBefore"] = ("Commitments whose last day to be due is before this one.", Day),
            ["from"] = ("Meetings with a day on or after this one.", Day),
            ["to"] = ("Meetings with a day on or before this one.", Day),
            ["orgView"] = (
                "Organisations as they were at the meeting, or folded by the successions up to asOf, where organisation may also be "
                    + "unallocated; atMeeting where absent.",
                () => Words("atMeeting", "lineage")
            ),
            ["asOf"] = ("Activity up to this day; today in UTC where absent.", Day),
            ["definition"] = ("The version of the definitions of the figures; the newest where absent.", () =>
                Words(Question.NewestDefinition, Question.FirstDefinition)
            ),
            ["overlap"] = ("With people, also in how many rows of the one dimension the persons known are.", () => Words("people")),
            ["delimiter"] = ("What parts the cells of a CSV; a comma where absent.", () => Words([.. CsvFormat.Delimiters])),
            ["byteOrderMark"] = ("Whether a CSV begins with a byte-order mark, as some spreadsheets need it.", () =>
                Words("true", "false")
            ),
            ["figures:from"] = ("Only meetings whose last day is on or after this one.", Day),
            ["knownAt"] = ("What had been recorded by this time or position; the newest settled position where absent.", Text),
            ["after"] = (
                "Events after this position; from the first on where absent. A position that is not settled yet is waited for.",
                Position
            ),
            ["type"] = ("Events of this stored type.", () => Words([.. Feed.PublicData.Types])),
            ["streamType"] = ("Events of streams of this type.", () => Words([.. Feed.PublicData.StreamTypes])),
            ["stream"] = ("Events of the stream with this id.", Id),
            ["period"] = ("A year, a quarter (2018-Q2) or a month (2018-04); or unplaced, of the length in per.", Text),
            ["per"] = ("The length of periods; a year where absent.", () => Words("year", "quarter", "month")),
            ["until"] = ("Only meetings whose last day is on or before this one; organisations are folded as of asOf all the same.", Day),
            ["by"] = ($"One or two of {string.Join(", ", Dimension.All.Select(d => d.Name))}; level where absent.", Text),
            ["area"] = ("The code of an area, or not-stated.", Text),
            ["host"] = ("The id of the organisation that hosted, or not-stated.", Text),
            ["coHost"] = ("The id of an organisation that co-hosted, or not-stated.", Text),
            ["country"] = ("The country a meeting took place in, or not-stated.", Text),
            ["mode"] = ("A meeting's mode, or not-stated.", () => Words([.. Dimension.Modes, Question.NotStated])),
            ["role"] = ("The role of an attendance that counts, or not-stated.", () =>
                Words([.. CountedFacts.RolesThatCount, Question.NotStated])
            ),
            ["actor"] = ("The principal id of who recorded.", Id),
            ["source"] = ("The source system that was named when recording.", Text),
            ["correlation"] = ("What was recorded under this correlation id.", Text),
            ["recorded:from"] = ("Recorded at or after this time; a day stands for its beginning in UTC.", Text),
            ["recorded:to"] = ("Recorded before this time; a day stands for its beginning in UTC.", Text),
            ["version"] = ("The version of the stream.", Position),
            ["at"] = ("A time: what was settled by then.", Text),
            ["position"] = ("A position in the whole history.", Position),
            ["moment:from"] = ("The earlier moment: a version, a time, or position:N.", Text),
            ["moment:to"] = ("The later moment, in the same forms; the newest settled position where absent.", Text),
            ["size:from"] = ("The size of the earlier tree, or of the first checkpoint.", Position),
            ["size:to"] = ("The size of the later tree; that of the newest checkpoint where absent.", Position),
            ["index:from"] = ("The index of the first entry.", Position),
            ["index:to"] = ("The index after the last entry.", Position),
            ["history:type"] = ("The stored name of an event type, such as meeting_held.", Text),
            ["drawn:measure"] = ("The figure to draw; meetingsHeld where absent.", () =>
                Words([.. ChartedMeasure.All.Select(m => m.Name)])
            ),
            ["drawn-over-time:measure"] = ("The figure to draw, of each period or up to its end; meetingsHeld where absent.", () =>
                Words([.. SeriesEndpoint.Measures])
            ),
            ["measure"] = ("The figure to take apart; meetingsHeld where absent.", () => Words([.. Measure.All.Select(m => m.Name)])),
        };

    /// <summary>Fills in what the exporter cannot see behind our converters.</summary>
    public static async Task Transform(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellation)
    {
        var type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
        if (type == typeof(PartialDate))
        {
            schema.Type = JsonSchemaType.String;
            schema.Pattern = DatePattern;
            schema.Description = "A year, a month, a day, or a local time without offset.";
        }
        else if (type == typeof(PositionOrTime))
        {
            schema.OneOf =
            [
                new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64" },
                new OpenApiSchema { Type = JsonSchemaType.String },
            ];
            schema.Description = "A position, or a time.";
        }
        else if (type == typeof(Reference))
        {
            schema.OneOf = [Id(), await context.GetOrCreateSchemaAsync(typeof(ExternalReference), null, cancellation)];
            schema.Description = "The id, or the external reference it was created with.";
        }
        else if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueList<>))
        {
            schema.Type = JsonSchemaType.Array;
            schema.Description = null;
            schema.Items = await context.GetOrCreateSchemaAsync(type.GetGenericArguments()[0], null, cancellation);
        }
        else if (type == typeof(IReadOnlyList<JsonElement>))
        {
            schema.Items = new OpenApiSchema { Type = JsonSchemaType.Object };
        }
        else if (type.IsEnum)
        {
            schema.Type = JsonSchemaType.String;
            schema.Enum = [.. BodyCheck.Words(type).Select(w => (JsonNode)JsonValue.Create(w)!)];
        }

        // What follows from a question or from figures is in every answer, and in no constructor that would say so.
        if (type.IsAssignableTo(typeof(Statistic)) || type.IsAssignableTo(typeof(FiguresRow)))
            schema.Required = context.JsonTypeInfo.Properties.Where(p => p.Get is not null).Select(p => p.Name).ToHashSet();

        // What is null is left out of an answer, save where null says something.
        foreach (var property in context.JsonTypeInfo.Properties)
        {
            if (
                property.IsGetNullable
                && property.AttributeProvider?.GetCustomAttributes(typeof(JsonIgnoreAttribute), true)
                    is not [JsonIgnoreAttribute { Condition: JsonIgnoreCondition.Never }]
            )
                schema.Required?.Remove(property.Name);
        }

        if (context.JsonPropertyInfo?.AttributeProvider is MemberInfo member)
            Limit(schema, member);
    }

    /// <summary>The name of an answer's schema: <c>PageOfMeetingSummary</c> for a page of them.</summary>
    public static string NameOf(Type answer) =>
        answer.IsGenericType
            ? $"{answer.Name[..answer.Name.IndexOf('`', StringComparison.Ordinal)]}Of{answer.GetGenericArguments()[0].Name}"
            : answer.Name;

    /// <summary>The body of a command: its members without those that stand in the path.</summary>
    public static async Task<IOpenApiSchema> Body(
        Type command,
        OpenApiOperationTransformerContext context,
        IList<IOpenApiParameter> path,
        CancellationToken cancellation
    )
    {
        var whole = await context.GetOrCreateSchemaAsync(command, null, cancellation);
        if (path.Count == 0)
            return whole;
        var names = path.Select(p => p.Name!).ToHashSet();
        return new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = whole.Description,
            Properties = whole.Properties?.Where(p => !names.Contains(p.Key)).ToDictionary(),
            Required = whole.Required?.Where(r => !names.Contains(r)).ToHashSet(),
            AdditionalPropertiesAllowed = false,
        };
    }

    public static bool HasRequiredMembers(Type command, IList<IOpenApiParameter> path) =>
        Json.Options.GetTypeInfo(command).Properties.Any(p => p.IsRequired && path.All(q => q.Name != p.Name));

    public static IOpenApiSchema Accepted(string? part)
    {
        var schema = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["id"] = Id(),
                ["version"] = Position(),
                ["position"] = Position(),
            },
            Required = new HashSet<string> { "id", "version", "position" },
        };
        schema.Properties["receipt"] = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description =
                "Where Prefer: wait=N was sent and the log came in time: the index of the event in the log, and its C2SP tlog-proof.",
            Properties = new Dictionary<string, IOpenApiSchema> { ["index"] = Position(), ["proof"] = Text() },
            Required = new HashSet<string> { "index", "proof" },
        };
        schema.Properties["possibleDuplicates"] = new OpenApiSchema
        {
            Type = JsonSchemaType.Array,
            Description = "Records that what was created may be the same as, and why. It is recorded all the same.",
            Items = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Properties = new Dictionary<string, IOpenApiSchema> { ["id"] = Id(), ["why"] = Text() },
                Required = new HashSet<string> { "id", "why" },
            },
        };
        schema.Properties["warnings"] = new OpenApiSchema
        {
            Type = JsonSchemaType.Array,
            Description =
                "Texts of the public record that look like an e-mail address or a telephone number. They are recorded all the same.",
            Items = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Properties = new Dictionary<string, IOpenApiSchema>
                {
                    ["pointer"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "json-pointer" },
                    ["detail"] = Text(),
                },
                Required = new HashSet<string> { "pointer", "detail" },
            },
        };
        if (part is not null)
        {
            schema.Properties[part] = Id();
            schema.Required.Add(part);
        }

        return schema;
    }

    public static IOpenApiSchema Problem() =>
        new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = "A problem (RFC 9457).",
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["type"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "uri-reference" },
                ["title"] = Text(),
                ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer },
                ["detail"] = Text(),
                ["traceId"] = Text(),
                ["id"] = new OpenApiSchema
                {
                    Type = JsonSchemaType.String,
                    Format = "uuid",
                    Description = "Of a conflict: the record it is with.",
                },
                ["errors"] = new OpenApiSchema
                {
                    Type = JsonSchemaType.Array,
                    Items = new OpenApiSchema
                    {
                        Type = JsonSchemaType.Object,
                        Properties = new Dictionary<string, IOpenApiSchema>
                        {
                            ["pointer"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "json-pointer" },
                            ["detail"] = Text(),
                            ["recorded"] = new OpenApiSchema
                            {
                                Description =
                                    "What is recorded, where the member differs from it; personal values only for who may read them.",
                            },
                            ["sent"] = new OpenApiSchema { Description = "What was sent in its place." },
                        },
                    },
                },
            },
            Required = new HashSet<string> { "type", "title", "status", "detail", "traceId" },
        };

    private static void Limit(OpenApiSchema schema, MemberInfo member)
    {
        if (
            schema.Type is { } type
            && type.HasFlag(JsonSchemaType.String)
            && schema.Format is null
            && schema.Enum is not { Count: > 0 }
            && schema.Pattern is null
        )
        {
            var text = member.GetCustomAttribute<TextAttribute>();
            if (text is null && !IsPosted(member.DeclaringType!))
                return;
            schema.MinLength = 1;
            schema.MaxLength = text?.MaxLength ?? TextAttribute.DefaultMaxLength;
            schema.Pattern = text?.Pattern;
        }

        if (member.GetCustomAttribute<UriAttribute>() is not null)
            schema.Format = "uri";
        if (member.GetCustomAttribute<BoundsAttribute>() is not { } bounds)
            return;
        if (schema.Type is { } kind && kind.HasFlag(JsonSchemaType.Array))
            (schema.MinItems, schema.MaxItems) = (bounds.Least, bounds.Most);
        else
            (schema.Minimum, schema.Maximum) = (Decimal(bounds.Least), Decimal(bounds.Most));
    }

    /// <summary>Whether the type stands in bodies only, whose texts are held to a length even where their member says none.</summary>
    private static bool IsPosted(Type type) =>
        type.IsAssignableTo(typeof(ICommand))
        || typeof(ICommand).Assembly.GetTypes().Any(t => t.IsAssignableTo(typeof(ICommand)) && t.IsSubclassOf(type));

    private static string Decimal(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static OpenApiSchema Id() => new() { Type = JsonSchemaType.String, Format = "uuid" };

    private static OpenApiSchema Text() => new() { Type = JsonSchemaType.String };

    private static OpenApiSchema Day() => new() { Type = JsonSchemaType.String, Format = "date" };

    /// <summary>A number of days for which fields are kept.</summary>
    private static OpenApiSchema Days() =>
        new()
        {
            Type = JsonSchemaType.Integer,
            Minimum = "1",
            Maximum = RetentionOptions.MostDays.ToString(System.Globalization.CultureInfo.InvariantCulture),
        };

    private static string KeptFor(string fields) =>
        $"As if {fields} were kept so many days after the last activity. Where one of these is given, they stand for all rules.";

    private static OpenApiSchema Position() =>
        new()
        {
            Type = JsonSchemaType.Integer,
            Format = "int64",
            Minimum = "0",
        };

    private static OpenApiSchema Words(params string[] words) =>
        new() { Type = JsonSchemaType.String, Enum = [.. words.Select(w => (JsonNode)JsonValue.Create(w)!)] };
}
