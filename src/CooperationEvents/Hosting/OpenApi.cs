using CooperationEvents.Authentication;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace CooperationEvents.Hosting;

/// <summary>
/// The OpenAPI 3.1 document at <c>/openapi/v1.json</c>, made from what the endpoints say of themselves, and the reference pages at
/// <c>/docs</c>.
/// </summary>
public static class OpenApi
{
    public const string DocumentName = "v1";

    internal const string Scheme = "apiKey";
    internal const string Basic = "basic";

    /// <summary>The tags in the order of the document: the part of the path that stands for each, its name, and what it holds.</summary>
    private static readonly (string Segment, string Name, string Description)[] Tags =
    [
        ("organisations", "Organisations", "Services and agencies, with the names they had and who succeeded them."),
        ("frameworks", "Frameworks", "The agreements that people cooperate under: parties, levels, areas and members."),
        ("people", "People", "Members of staff. What is personal data is sealed, and shown to who may read it."),
        ("meetings", "Meetings", "Meetings with their whole life: planned, held, corrected; who was registered and who was there."),
        ("commitments", "Commitments", "What organisations undertook, and what became of it."),
        ("possible-duplicates", "Possible duplicates", "Records that may be the same, to work on."),
        ("calendar", "Calendar", "Meetings for a calendar client."),
        ("public", "Published figures", "What was published, for everybody, without a key."),
        ("statistics", "Statistics", "Figures, what they rest on, and what was published of them."),
        ("events", "Events", "Every command as a CloudEvent."),
        ("imports", "Imports", "Files of history."),
        ("feed", "Feed", "The history, event by event."),
        ("subscriptions", "Subscriptions", "Webhooks."),
        ("audit", "Audit", "The history as auditors see it, its log and its proofs."),
        ("schemas", "Schemas", "JSON Schemas of the commands."),
        ("problems", "Problems", "What problem types mean."),
        ("health", "Health", "Probes."),
        ("access", "Access", "API keys, principals and security events."),
        ("", "Other", "What belongs to none of these."),
    ];

    public static IServiceCollection AddOpenApiDocument(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(options => Json.Apply(options.SerializerOptions));
        services.AddSingleton<OpenApiDocumentEndpoint>();
        return services.AddOpenApi(DocumentName, options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.AddDocumentTransformer(
                (document, _, _) =>
                {
                    Describe(document);
                    return Task.CompletedTask;
                }
            );
            options.AddOperationTransformer(OpenApiOperations.Describe);
            options.AddSchemaTransformer(OpenApiSchemas.Transform);
        });
    }

    public static void MapOpenApiDocument(this WebApplication app)
    {
        app.MapGet("/openapi/v1.json", (HttpContext http, OpenApiDocumentEndpoint document) => document.Answer(http))
            .AllowAnonymous()
            .ExcludeFromDescription();
        app.MapScalarApiReference("/docs", options =>
                options
                    .WithTitle("CooperationEvents")
                    .DisableDefaultFonts()
                    .DisableAgent()
                    .DisableMcp()
                    .DisableTelemetry()
                    .HideClientButton()
                    .HideDeveloperTools()
                    .HideModels()
                    .AddPreferredSecuritySchemes(Scheme)
            )
            .AllowAnonymous();
    }

    private static void Describe(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "CooperationEvents",
            Version = "1",
            Description =
                "The register of cooperation between institutions: record activity, state the cumulative figure, and show what it rests "
                + "on. "
                + "Text about the activity (titles, reasons, outcomes) is public record; what is personal data says so.",
            Contact = new OpenApiContact { Name = "The operator of this service" },
        };
        document.Servers = [new OpenApiServer { Url = "/", Description = "This service" }];
        document.Tags = Tags.Select(tag => new OpenApiTag { Name = tag.Name, Description = tag.Description }).ToHashSet();
        document.Paths = InOrder(document.Paths);
        document.Components ??= new();

        // What endpoints return, which no operation answers with.
        document.Components.Schemas?.Remove(nameof(IResult));
        document.Components.Schemas?.Remove(nameof(CommandRule));
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [Scheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Header,
                Name = ApiKeyHandler.Header,
                Description = "A key with the scope the operation names.",
            },
            [Basic] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = Basic,
                Description = "The same key as the password, for programs that can send nothing else.",
            },
        };
    }

    /// <summary>The name of the tag that a path is under.</summary>
    internal static string TagOf(string path) => Tags[PlaceOfTag(path)].Name;

    /// <summary>The first segment decides that stands for a tag.</summary>
    private static int PlaceOfTag(string path) =>
        path.Split('/', StringSplitOptions.RemoveEmptyEntries)
            .Select(segment =>
                Array.FindIndex(Tags, t => t.Segment.Length > 0 && segment.StartsWith(t.Segment, StringComparison.OrdinalIgnoreCase))
            )
            .FirstOrDefault(tag => tag >= 0, Tags.Length - 1);

    /// <summary>By tag; within one the list, what is read by id, and then the commands in the order of their examples.</summary>
    private static OpenApiPaths InOrder(OpenApiPaths paths)
    {
        var ordered = new OpenApiPaths();
        foreach (
            var (path, item) in paths
                .OrderBy(p => PlaceOfTag(p.Key))
                .ThenBy(p => Order(p.Key, p.Value))
                .ThenBy(p => p.Key, StringComparer.Ordinal)
        )
            ordered.Add(path, item);
        return ordered;
    }

    private static int Order(string path, IOpenApiPathItem item)
    {
        var reads = item.Operations!.ContainsKey(HttpMethod.Get);
        return reads && !path.Contains('{', StringComparison.Ordinal) ? -2
            : reads ? -1
            : item.Operations.Values.Select(o => OpenApiExamples.PlaceOf(o.OperationId)).Min() ?? int.MaxValue;
    }
}
