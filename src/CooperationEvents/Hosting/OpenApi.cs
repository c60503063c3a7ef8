using System.Globalization;
using CooperationEvents.Access;
using CooperationEvents.Authentication;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Reading;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OpenApi;
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

    private const string Scheme = "apiKey";
    private const string Basic = "basic";

    /// <summary>The tags in the order of the document: the part of the path that stands for each, its name, and what it holds.</summary>
    private static readonly (string Part, string Name, string Description)[] Tags =
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
        ("access", "Access", "Keys of callers, and what the door saw."),
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
            options.AddOperationTransformer(DescribeOperation);
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

    /// <summary>The first segment decides that stands for a tag.</summary>
    private static int TagOf(string path) =>
        path.Split('/', StringSplitOptions.RemoveEmptyEntries)
            .Select(segment =>
                Array.FindIndex(Tags, t => t.Part.Length > 0 && segment.StartsWith(t.Part, StringComparison.OrdinalIgnoreCase))
            )
            .FirstOrDefault(tag => tag >= 0, Tags.Length - 1);

    /// <summary>By tag; within one the list, what is read by id, and then the commands in the order of their examples.</summary>
    private static OpenApiPaths InOrder(OpenApiPaths paths)
    {
        var ordered = new OpenApiPaths();
        foreach (
            var (path, item) in paths
                .OrderBy(p => TagOf(p.Key))
                .ThenBy(p => Place(p.Key, p.Value))
                .ThenBy(p => p.Key, StringComparer.Ordinal)
        )
            ordered.Add(path, item);
        return ordered;
    }

    private static int Place(string path, IOpenApiPathItem item)
    {
        var reads = item.Operations!.ContainsKey(HttpMethod.Get);
        return reads && !path.Contains('{', StringComparison.Ordinal) ? -2
            : reads ? -1
            : item.Operations.Values.Select(o => OpenApiExamples.PlaceOf(o.OperationId)).Min() ?? int.MaxValue;
    }

    private static async Task DescribeOperation(
        OpenApiOperation operation,
        OpenApiOperationTransformerContext context,
        CancellationToken cancellation
    )
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var path = "/" + context.Description.RelativePath;
        operation.Tags = new HashSet<OpenApiTagReference> { new(Tags[TagOf(path)].Name, context.Document) };
        operation.Responses = [];
        operation.Parameters = [];
        foreach (var parameter in context.Description.ParameterDescriptions.Where(p => p.Source.Id == "Path"))
        {
            operation.Parameters.Add(
                new OpenApiParameter
                {
                    Name = parameter.Name,
                    In = ParameterLocation.Path,
                    Required = true,
                    Schema = new OpenApiSchema
                    {
                        Type = JsonSchemaType.String,
                        Format = parameter.Name.EndsWith("Id", StringComparison.Ordinal) ? "uuid" : null,
                    },
                }
            );
        }

        if (metadata.OfType<IDescribeOperation>().FirstOrDefault() is { } described)
        {
            DescribedSchemas.Component(context.Document!, "Problem", OpenApiSchemas.Problem());
            Refusals(operation, context.Document!, [.. await described.Describe(operation, context, cancellation)]);
        }
        else if (metadata.OfType<CommandAttribute>().FirstOrDefault() is { } taken)
        {
            var command = metadata.OfType<IAcceptsMetadata>().Single().RequestType!;
            if (operation.Parameters.Count > 0 && !taken.HttpOnly)
                DescribedSchemas.Component(
                    context.Document!,
                    CommandCatalogue.All[operation.OperationId!].SchemaName,
                    await OpenApiSchemas.Body(command, context, [], cancellation)
                );
            Summarise(operation, command);
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = OpenApiSchemas.HasRequiredMembers(command, operation.Parameters),
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    ["application/json"] = new()
                    {
                        Schema = DescribedSchemas.Component(
                            context.Document!,
                            command.Name,
                            await OpenApiSchemas.Body(command, context, operation.Parameters, cancellation)
                        ),
                    },
                },
            };
            Header(
                operation,
                CommandEndpoint.IdempotencyHeader,
                "The same key with the same body takes effect once; the answer is kept for at least 24 hours."
            );
            Header(operation, "If-Match", "The versions, as ETags, of which the record must have one.");
            Header(operation, CallerHeaders.Source, "The system the activity was recorded in; one of its sources where a key has any.");
            Header(operation, CallerHeaders.OnBehalfOf, "The UUID of the person or principal on whose behalf the caller acts.", "uuid");
            Header(operation, CallerHeaders.Correlation, "What else this belongs to; the trace id where absent.");
            Header(
                operation,
                "Prefer",
                "wait=N: answer only once the log covers what was recorded, within N seconds (10 at most), with `receipt`."
            );
            operation.Responses[taken.Status.ToString(CultureInfo.InvariantCulture)] = Answer(
                "Recorded, or recorded before with the same content.",
                DescribedSchemas.Component(
                    context.Document!,
                    taken.Part is null ? "Accepted" : $"AcceptedWith{Capital(taken.Part)}",
                    OpenApiSchemas.Accepted(taken.Part)
                ),
                taken.CreatesAt is not null
            );
            Refusals(operation, context.Document!, "400", "401", "403", "404", "408", "409", "412", "413", "415", "422", "429", "503");
        }
        else if (metadata.OfType<QueryAttribute>().FirstOrDefault() is { } query)
        {
            operation.Summary = Words(operation.OperationId);
            operation.Description = $"{query.Description} Needs the scope {query.Needed}.".TrimStart();
            foreach (var name in query.Parameters)
                Query(operation, name);
            Query(operation, "minPosition");
            var schema =
                query.Answer == typeof(string)
                    ? new OpenApiSchema { Type = JsonSchemaType.String }
                    : DescribedSchemas.Component(
                        context.Document!,
                        OpenApiSchemas.NameOf(query.Answer),
                        await context.GetOrCreateSchemaAsync(query.Answer, null, cancellation)
                    );
            var answer = Answer("The answer, as far as Cooperation-Position says.", schema, location: false);
            answer.Content = query.MediaTypes.ToDictionary(
                type => type,
                type => new OpenApiMediaType
                {
                    Schema = type.EndsWith("json", StringComparison.Ordinal) ? schema : new OpenApiSchema { Type = JsonSchemaType.String },
                }
            );
            if (path.EndsWith("feed", StringComparison.Ordinal))
                Header(operation, "Last-Event-ID", "The position a stream is to go on after; it goes before the parameter.");
            if (query.Conditional)
            {
                operation.Responses["304"] = new OpenApiResponse
                {
                    Description = "Unchanged since the answer with an ETag of If-None-Match.",
                };
                Header(operation, "If-None-Match", "The ETags of answers the caller has.");
            }

            operation.Responses["200"] = answer;
            Refusals(operation, context.Document!, "401", "403", "404", "422", "429", "503");
        }
        else if (metadata.OfType<OperationAttribute>().FirstOrDefault() is { } other)
        {
            await DescribeOther(operation, other, context, cancellation);
        }
        else if (metadata.OfType<AnswersAttribute>().FirstOrDefault() is { } answers)
        {
            operation.Summary = Words(operation.OperationId);
            operation.Description = metadata.OfType<RequiresScopeAttribute>().FirstOrDefault() is { } needed
                ? $"Needs the scope {needed.Needed}."
                : "Open to anyone.";
            foreach (var name in answers.Parameters)
                Query(operation, name);
            operation.Responses["200"] = new OpenApiResponse
            {
                Description = answers.Description,
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    [answers.MediaType] = new() { Schema = new OpenApiSchema { Type = JsonSchemaType.String } },
                },
            };
            Refusals(operation, context.Document!, "401", "403", "404", "422", "429", "503");
        }
        else
        {
            operation.Summary = Words(operation.OperationId);
            operation.Description = "Open to anyone.";
            operation.Responses["200"] = new OpenApiResponse
            {
                Description = "Yes.",
                Content =
                    path.StartsWith("/problems", StringComparison.Ordinal)
                        ? new Dictionary<string, OpenApiMediaType> { ["application/json"] = new() { Schema = ProblemTypes(path) } }
                    : path.StartsWith("/schemas", StringComparison.Ordinal)
                        ? new Dictionary<string, OpenApiMediaType>
                        {
                            ["application/json"] = new()
                            {
                                Schema = new OpenApiSchema { Description = "A JSON Schema, or the list of them." },
                            },
                        }
                    : new Dictionary<string, OpenApiMediaType>
                    {
                        ["text/plain"] = new() { Schema = new OpenApiSchema { Type = JsonSchemaType.String } },
                    },
            };
            Refusals(operation, context.Document!, "404", "503");
        }

        OpenApiExamples.Add(operation);
        if (metadata.OfType<IAllowAnonymous>().Any())
            return;
        operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, context.Document)] = [] }];
        if (metadata.OfType<RequiresScopeAttribute>().Any(a => a.TakesBasic))
            operation.Security.Add(new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Basic, context.Document)] = [] });
    }

    private static async Task DescribeOther(
        OpenApiOperation operation,
        OperationAttribute other,
        OpenApiOperationTransformerContext context,
        CancellationToken cancellation
    )
    {
        operation.Summary = Words(operation.OperationId);
        operation.Description =
            $"{(other.Takes is null ? "" : XmlDocs.SummaryOf(other.Takes))} Needs the scope {other.Needed}.".TrimStart();
        foreach (var name in other.Parameters)
            Query(operation, name);
        foreach (var name in other.Headers)
            Header(operation, name, "The same key with the same body takes effect once.");
        if (other.Takes is { } body)
        {
            var schema = DescribedSchemas.Component(
                context.Document!,
                body.Name,
                await context.GetOrCreateSchemaAsync(body, null, cancellation)
            );
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = OpenApiSchemas.HasRequiredMembers(body, []),
                Content = new Dictionary<string, OpenApiMediaType> { ["application/json"] = new() { Schema = schema } },
            };
            Refusals(operation, context.Document!, "400", "408", "409", "413", "415");
        }

        Refusals(operation, context.Document!, other.Refuses);
        var status = other.Status.ToString(System.Globalization.CultureInfo.InvariantCulture);
        operation.Responses![status] = new OpenApiResponse
        {
            Description = Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(other.Status),
            Content = other.Answer is null
                ? null
                : new Dictionary<string, OpenApiMediaType>
                {
                    ["application/json"] = new()
                    {
                        Schema = DescribedSchemas.Component(
                            context.Document!,
                            OpenApiSchemas.NameOf(other.Answer),
                            await context.GetOrCreateSchemaAsync(other.Answer, null, cancellation)
                        ),
                    },
                },
        };
        Refusals(operation, context.Document!, "401", "403", "404", "422", "429", "503");
    }

    private static OpenApiSchema ProblemTypes(string path)
    {
        var one = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["type"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "uri-reference" },
                ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer },
                ["title"] = new OpenApiSchema { Type = JsonSchemaType.String },
            },
        };
        return path.Contains('{', StringComparison.Ordinal) ? one : new OpenApiSchema { Type = JsonSchemaType.Array, Items = one };
    }

    private static void Summarise(OpenApiOperation operation, Type command)
    {
        operation.Summary = Words(operation.OperationId);
        operation.Description = XmlDocs.SummaryOf(command);
    }

    private static string Words(string? operationId) => operationId is null ? "" : Capital(operationId).Replace('-', ' ');

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    private static OpenApiResponse Answer(string description, IOpenApiSchema schema, bool location)
    {
        var response = new OpenApiResponse
        {
            Description = description,
            Headers = new Dictionary<string, IOpenApiHeader>
            {
                [CommandEndpoint.PositionHeader] = new OpenApiHeader
                {
                    Description = "The position of the last event behind the answer.",
                    Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64" },
                },
                ["ETag"] = new OpenApiHeader
                {
                    Description = "The version, quoted.",
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                },
            },
            Content = new Dictionary<string, OpenApiMediaType> { ["application/json"] = new() { Schema = schema } },
        };
        if (location)
            response.Headers["Location"] = new OpenApiHeader
            {
                Description = "Where it is read.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "uri-reference" },
            };
        return response;
    }

    private static void Refusals(OpenApiOperation operation, OpenApiDocument document, params string[] statuses)
    {
        foreach (var status in statuses)
        {
            operation.Responses![status] = new OpenApiResponse
            {
                Description = Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(
                    int.Parse(status, System.Globalization.CultureInfo.InvariantCulture)
                ),
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    [ProblemResult.MediaType] = new()
                    {
                        Schema = DescribedSchemas.Component(document, "Problem", OpenApiSchemas.Problem()),
                    },
                },
            };
        }
    }

    private static void Header(OpenApiOperation operation, string name, string description, string? format = null) =>
        operation.Parameters!.Add(
            new OpenApiParameter
            {
                Name = name,
                In = ParameterLocation.Header,
                Description = description,
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = format },
            }
        );

    private static void Query(OpenApiOperation operation, string name) =>
        operation.Parameters!.Add(
            new OpenApiParameter
            {
                Name = name[(name.IndexOf(':', StringComparison.Ordinal) + 1)..],
                In = ParameterLocation.Query,
                Description = OpenApiSchemas.QueryParameters[name].Description,
                Schema = OpenApiSchemas.QueryParameters[name].Schema(),
            }
        );
}
