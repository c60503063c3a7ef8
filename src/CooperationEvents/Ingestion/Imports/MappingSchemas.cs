using CooperationEvents.Calendars.Incoming;
using CooperationEvents.Hosting;
using CooperationEvents.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using static CooperationEvents.Http.DescribedSchemas;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>
/// The schemas of mappings: what <see cref="CsvMapping"/> and <see cref="CalendarMapping"/> read, as far as a schema can say it.
/// </summary>
internal static class MappingSchemas
{
    /// <summary>The schema of a mapping: of a table, with one command of each row or with several, or of a calendar.</summary>
    public static async Task<IOpenApiSchema> Of(OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        var document = context.Document!;
        var source = Component(document, "ColumnOrConstant", Source());
        var command = Command(source);
        return new OpenApiSchema
        {
            AnyOf =
            [
                Component(document, "TableMapping", Table(["command", "fields"], command)),
                Component(
                    document,
                    "TableMappingOfCommands",
                    Table(
                        ["commands"],
                        [
                            (
                                "commands",
                                new OpenApiSchema
                                {
                                    Type = JsonSchemaType.Array,
                                    Description = "The commands of each row, in their order. Together they are recorded, or none of them.",
                                    MinItems = 1,
                                    MaxItems = CsvMapping.MostCommands,
                                    Items = Closed(["command", "fields"], Command(source)),
                                }
                            ),
                        ]
                    )
                ),
                Component(document, nameof(CalendarMapping), await Calendar(context, cancellation)),
            ],
        };
    }

    private static async Task<IOpenApiSchema> Calendar(OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        var schema = await OpenApiBodies.Of(typeof(CalendarMapping), context, [], cancellation);

        // A framework given twice is refused.
        ((OpenApiSchema)schema.Properties!["frameworks"]).UniqueItems = true;
        return schema;
    }

    private static OpenApiSchema Table(string[] required, (string Name, IOpenApiSchema Schema)[] commands) =>
        Closed(
            required,
            [
                .. commands,
                (
                    "system",
                    new OpenApiSchema
                    {
                        Type = JsonSchemaType.String | JsonSchemaType.Null,
                        Description = "The system whose references the cells are; our ids where absent.",
                        MinLength = 1,
                        MaxLength = 100,
                    }
                ),
                ("dates", TextOrTexts("How dates are written, such as dd/MM/yyyy; as here where absent.", Date(), DateForms.Most)),
                (
                    "delimiter",
                    new OpenApiSchema
                    {
                        Type = JsonSchemaType.String,
                        Description = "What stands between the cells; found out where absent.",
                        Pattern = "^[\\t !#-~]$",
                    }
                ),
                (
                    "exact",
                    new OpenApiSchema
                    {
                        Type = JsonSchemaType.Boolean,
                        Description = "Whether the file may lack columns that are named here, and must have no others.",
                    }
                ),
                (
                    "skip",
                    new OpenApiSchema
                    {
                        Type = JsonSchemaType.Object,
                        Description = "For a column, the values whose rows are skipped.",
                        AdditionalProperties = TextOrTexts(null, Text(), null),
                    }
                ),
            ]
        );

    private static (string Name, IOpenApiSchema Schema)[] Command(IOpenApiSchema source) =>
        [
            ("command", Words(CommandCatalogue.All.Keys.Order(StringComparer.Ordinal))),
            (
                "fields",
                new OpenApiSchema
                {
                    Type = JsonSchemaType.Object,
                    Description = "For each member of the command's data, by JSON Pointer, where its value comes from.",
                    PropertyNames = new OpenApiSchema { Pattern = "^/" },
                    AdditionalProperties = source,
                }
            ),
            ("if", Said("The name of a column: the command is made where its cell is not empty.")),
            (
                "each",
                Described(
                    "The command is made for each part of the cell, which is {item} in its fields.",
                    Closed(["column", "split"], ("column", Text()), ("split", Separator()))
                )
            ),
        ];

    private static OpenApiSchema Source() =>
        new()
        {
            Description = "Where the value of a member comes from.",
            OneOf =
            [
                Said("The name of a column."),
                Described("A constant, whose texts may hold {columns}.", Closed(["value"], ("value", Anything()), ("tooLong", TooLong()))),
                Described(
                    "A column, with the value that stands for each of its words, and the one for an empty cell.",
                    Closed(
                        ["column"],
                        ("column", Text()),
                        ("values", new OpenApiSchema { Type = JsonSchemaType.Object, AdditionalProperties = Text() }),
                        ("default", Text()),
                        ("tooLong", TooLong())
                    )
                ),
                Described(
                    "A list: for each part of the cell what stands in each, with {item} for the part.",
                    Closed(
                        ["column", "split", "each"],
                        ("column", Text()),
                        ("split", Separator()),
                        ("each", Anything()),
                        ("tooLong", TooLong())
                    )
                ),
            ],
        };

    private static OpenApiSchema TextOrTexts(string? description, OpenApiSchema text, int? most) =>
        new()
        {
            Description = description,
            OneOf =
            [
                text,
                new OpenApiSchema
                {
                    Type = JsonSchemaType.Array,
                    Items = text,
                    MaxItems = most,
                },
            ],
        };

    private static OpenApiSchema Date() => new() { Type = JsonSchemaType.String, Pattern = "^(?=.*yyyy)[yMdHms]([yMdHms]|[^A-Za-z])*$" };

    private static OpenApiSchema Separator() => new() { Type = JsonSchemaType.String, MinLength = 1 };

    private static OpenApiSchema TooLong() =>
        Described("What becomes of a text that is too long; its row is refused where absent.", Words("cut", "hash"));

    private static OpenApiSchema Anything() => new() { Description = "Any JSON that the member takes." };

    private static OpenApiSchema Said(string description) => Described(description, Text());

    private static OpenApiSchema Described(string description, OpenApiSchema schema)
    {
        schema.Description = description;
        return schema;
    }

    private static OpenApiSchema Closed(string[] required, params (string Name, IOpenApiSchema Schema)[] members)
    {
        var schema = Object(required, members);
        schema.AdditionalPropertiesAllowed = false;
        return schema;
    }
}
