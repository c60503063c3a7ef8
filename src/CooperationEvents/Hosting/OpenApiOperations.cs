using System.Globalization;
using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Reading;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;

namespace CooperationEvents.Hosting;

/// <summary>The operations of the OpenAPI document, each from what its endpoint says of itself.</summary>
internal static class OpenApiOperations
{
    public static async Task Describe(
        OpenApiOperation operation,
        OpenApiOperationTransformerContext context,
        CancellationToken cancellation
    )
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var path = "/" + context.Description.RelativePath;
        operation.Tags = new HashSet<OpenApiTagReference> { new(OpenApi.TagOf(path), context.Document) };
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
                    Description = OfPath(parameter.Name),
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
        else if (metadata.OfType<CommandAttribute>().FirstOrDefault() is { } command)
            await DescribeCommand(operation, command, metadata.OfType<IAcceptsMetadata>().Single().RequestType!, context, cancellation);
        else if (metadata.OfType<QueryAttribute>().FirstOrDefault() is { } query)
            await DescribeQuery(operation, query, context, cancellation);
        else if (metadata.OfType<OperationAttribute>().FirstOrDefault() is { } other)
            await DescribeOther(operation, other, context, cancellation);
        else if (metadata.OfType<AnswersAttribute>().FirstOrDefault() is { } answers)
            await DescribeAnswers(operation, answers, metadata.OfType<RequiresScopeAttribute>().FirstOrDefault(), context, cancellation);
        else
            DescribeOpen(operation, path, context.Document!);

        OpenApiExamples.Add(operation);
        if (metadata.OfType<IAllowAnonymous>().Any())
            return;
        operation.Security =
        [
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(OpenApi.Scheme, context.Document)] = [] },
        ];
        if (metadata.OfType<RequiresScopeAttribute>().Any(a => a.TakesBasic))
            operation.Security.Add(
                new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(OpenApi.Basic, context.Document)] = [] }
            );
    }

    private static async Task DescribeCommand(
        OpenApiOperation operation,
        CommandAttribute taken,
        Type command,
        OpenApiOperationTransformerContext context,
        CancellationToken cancellation
    )
    {
        if (operation.Parameters!.Count > 0 && !taken.HttpOnly)
            DescribedSchemas.Component(
                context.Document!,
                CommandCatalogue.All[operation.OperationId!].SchemaName,
                await OpenApiBodies.Of(command, context, [], cancellation)
            );
        operation.Summary = Words(operation.OperationId);
        operation.Description = XmlDocs.SummaryOf(command);
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = taken.NeedsBody || OpenApiSchemas.HasRequiredMembers(command, operation.Parameters),
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["application/json"] = new()
                {
                    Schema = DescribedSchemas.Component(
                        context.Document!,
                        command.Name,
                        await OpenApiBodies.Of(command, context, operation.Parameters.Select(p => p.Name!), cancellation)
                    ),
                },
            },
        };
        foreach (
            var name in new[]
            {
                CommandHeaders.IdempotencyKey,
                HeaderNames.IfMatch,
                CommandHeaders.Source,
                CommandHeaders.OnBehalfOf,
                CommandHeaders.Correlation,
                "Prefer",
            }
        )
            operation.Parameters.Add(DescribedRequestHeaders.Of(name));
        var accepted = DescribedSchemas.Component(
            context.Document!,
            (taken.Part ?? taken.Tells?.Name) is { } more ? $"AcceptedWith{Capital(more)}" : "Accepted",
            OpenApiSchemas.Accepted(
                taken.Part,
                taken.PartIsNew,
                taken.Tells is { } tells ? await context.GetOrCreateSchemaAsync(tells, null, cancellation) : null
            )
        );
        var answer = DescribedSchemas
            .Answer("Recorded, or recorded before with the same content.", accepted)
            .Always(CommandEndpoint.PositionHeader, HeaderNames.ETag)
            .Sometimes(CommandEndpoint.ReplayedHeader, CommandEndpoint.PreferenceApplied);
        if (taken.CreatesAt is not null)
            answer.Always(HeaderNames.Location);
        operation.Responses![Text(taken.Status)] = answer;
        if (taken.GoesOn)
            operation.Responses[Text(StatusCodes.Status202Accepted)] = DescribedSchemas
                .Answer("Recorded; what follows from it goes on. The same request again says whether it is over.", accepted)
                .Always(CommandEndpoint.PositionHeader, HeaderNames.ETag)
                .Sometimes(CommandEndpoint.ReplayedHeader, CommandEndpoint.PreferenceApplied, HeaderNames.RetryAfter);
        Refusals(operation, context.Document!, CommandAttribute.Refusals);
    }

    private static async Task DescribeQuery(
        OpenApiOperation operation,
        QueryAttribute query,
        OpenApiOperationTransformerContext context,
        CancellationToken cancellation
    )
    {
        operation.Summary = Words(operation.OperationId);
        operation.Description = $"{query.Description} Needs the scope {query.Needed}.".TrimStart();
        foreach (var name in WithFormat(query.Parameters, query.MediaTypes))
            Query(operation, name, context.ApplicationServices);
        Query(operation, "minPosition", context.ApplicationServices);
        var schema =
            query.Answer == typeof(string)
                ? new OpenApiSchema { Type = JsonSchemaType.String }
                : DescribedSchemas.Component(
                    context.Document!,
                    OpenApiSchemas.NameOf(query.Answer),
                    await context.GetOrCreateSchemaAsync(query.Answer, null, cancellation)
                );
        var answer = new OpenApiResponse
        {
            Description = query.HasPosition ? "The answer, as far as Cooperation-Position says." : "The answer.",
            Content = Content(query.MediaTypes, schema),
        };
        if (query.HasPosition)
            answer.Always(CommandEndpoint.PositionHeader);
        if (query.HasTag)
            answer.Always(HeaderNames.ETag);
        Linked(answer.Always(query.Sends), query.Parameters, query.MediaTypes);
        if (context.Description.RelativePath!.EndsWith("feed", StringComparison.Ordinal))
            operation.Parameters!.Add(DescribedRequestHeaders.Of("Last-Event-ID"));
        if (query.Conditional)
            NotModified(operation, query.HasPosition);
        operation.Responses!["200"] = answer;
        Refusals(operation, context.Document!, ["401", "403", "404", "422", "429", "503", .. query.Refuses]);
        NotAcceptable(operation, query, context.Document!);
    }

    /// <summary>An answer in each of the media types; what is no JSON is text.</summary>
    private static Dictionary<string, OpenApiMediaType> Content(IEnumerable<string> types, IOpenApiSchema schema) =>
        types.ToDictionary(
            type => type,
            type => new OpenApiMediaType
            {
                Schema = type.EndsWith("json", StringComparison.Ordinal) ? schema : new OpenApiSchema { Type = JsonSchemaType.String },
            }
        );

    /// <summary>What a parameter of a path is; null of one that nobody has described.</summary>
    private static string? OfPath(string name) =>
        name switch
        {
            "level" => "The code of the level.",
            "day" => "The day (UTC), as 2026-01-31.",
            "slug" => "The last part of the type of a problem.",
            "file" => "The name of the schema, as /schemas lists it.",
            "path" => "The place of the tile, as c2sp.org/tlog-tiles writes it.",
            "keyId" => "The id of the API key.",
            _ when name.EndsWith("Id", StringComparison.Ordinal) => $"The id of the {name[..^2]}.",
            _ => null,
        };

    private static async Task DescribeAnswers(
        OpenApiOperation operation,
        AnswersAttribute answers,
        RequiresScopeAttribute? scope,
        OpenApiOperationTransformerContext context,
        CancellationToken cancellation
    )
    {
        operation.Summary = Words(operation.OperationId);
        operation.Description = scope is { } needed ? $"Needs the scope {needed.Needed}." : "Open to anyone.";
        foreach (var name in answers.Parameters)
            Query(operation, name, context.ApplicationServices);
        var answer = new OpenApiResponse
        {
            Description = answers.Description,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                [answers.MediaType] = new()
                {
                    Schema = answers.Answer is { } type
                        ? DescribedSchemas.Component(
                            context.Document!,
                            OpenApiSchemas.NameOf(type),
                            await context.GetOrCreateSchemaAsync(type, null, cancellation)
                        )
                        : new OpenApiSchema { Type = JsonSchemaType.String, Format = answers.IsBinary ? "binary" : null },
                },
            },
        }.Always(answers.Sends);
        if (answers.HasPosition)
        {
            Query(operation, "minPosition", context.ApplicationServices);
            answer.Always(CommandEndpoint.PositionHeader);
        }

        if (answers.Conditional)
        {
            answer.Always(HeaderNames.ETag);
            NotModified(operation, answers.HasPosition);
        }

        operation.Responses!["200"] = answer;
        Refusals(operation, context.Document!, ["401", "403", "404", "422", "429", "503", .. answers.Refuses]);
    }

    /// <summary>What is open to anyone and says nothing else of itself.</summary>
    private static void DescribeOpen(OpenApiOperation operation, string path, OpenApiDocument document)
    {
        operation.Summary = Words(operation.OperationId);
        operation.Description = "Open to anyone.";
        operation.Responses!["200"] = new OpenApiResponse
        {
            Description = "Yes.",
            Content =
                path.StartsWith("/problems", StringComparison.Ordinal)
                    ? new Dictionary<string, OpenApiMediaType> { ["application/json"] = new() { Schema = ProblemTypes(path) } }
                : path.StartsWith("/schemas", StringComparison.Ordinal)
                    ? new Dictionary<string, OpenApiMediaType>
                    {
                        [path == "/schemas" ? MediaTypes.Json : MediaTypes.JsonSchema] = new()
                        {
                            Schema = path == "/schemas" ? ListOfSchemas() : new OpenApiSchema { Description = "A JSON Schema (2020-12)." },
                        },
                    }
                : new Dictionary<string, OpenApiMediaType>
                {
                    ["text/plain"] = new() { Schema = new OpenApiSchema { Type = JsonSchemaType.String } },
                },
        };
        Refusals(operation, document, "404", "503");
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
        foreach (var name in WithFormat(other.Parameters, other.MediaTypes))
            Query(operation, name, context.ApplicationServices);
        foreach (var name in other.Headers)
            operation.Parameters!.Add(DescribedRequestHeaders.Of(name));
        if (other.Takes is { } body)
        {
            var schema = DescribedSchemas.Component(context.Document!, body.Name, await OpenApiBodies.Of(body, context, [], cancellation));
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = other.NeedsBody || OpenApiSchemas.HasRequiredMembers(body, []),
                Content = new Dictionary<string, OpenApiMediaType> { ["application/json"] = new() { Schema = schema } },
            };
            Refusals(operation, context.Document!, "400", "408", "409", "413", "415");
        }

        Refusals(operation, context.Document!, other.Refuses);
        NotAcceptable(operation, other, context.Document!);
        var answer = new OpenApiResponse
        {
            Description = ReasonPhrases.GetReasonPhrase(other.Status),
            Content = other.Answer is null
                ? null
                : Content(
                    other.MediaTypes,
                    DescribedSchemas.Component(
                        context.Document!,
                        OpenApiSchemas.NameOf(other.Answer),
                        await context.GetOrCreateSchemaAsync(other.Answer, null, cancellation)
                    )
                ),
        };
        operation.Responses![Text(other.Status)] = answer;
        Linked(answer.Sometimes(other.MaySend), other.Parameters, other.MediaTypes);
        if (other.Headers.Contains(CommandHeaders.IdempotencyKey))
            answer.Always(HeaderNames.Location).Sometimes(CommandEndpoint.ReplayedHeader);
        Refusals(operation, context.Document!, "401", "403", "404", "422", "429", "503");
    }

    private static void NotModified(OpenApiOperation operation, bool hasPosition)
    {
        var answer = new OpenApiResponse { Description = "Unchanged since the answer with an ETag of If-None-Match." }.Always(
            HeaderNames.ETag
        );
        if (hasPosition)
            answer.Always(CommandEndpoint.PositionHeader);
        operation.Responses!["304"] = answer;
        operation.Parameters!.Add(DescribedRequestHeaders.Of(HeaderNames.IfNoneMatch));
    }

    /// <summary>What has pages points to the next one, and a table to what describes it.</summary>
    private static void Linked(OpenApiResponse answer, IEnumerable<string> parameters, string[] mediaTypes)
    {
        if (parameters.Any(p => p is "cursor" or "after") || mediaTypes.Contains(CsvLines.MediaType))
            answer.Sometimes(HeaderNames.Link);
    }

    /// <summary>What is a table, or describes one, also takes how that is written.</summary>
    private static IEnumerable<string> WithFormat(IEnumerable<string> parameters, string[] mediaTypes) =>
        mediaTypes.Any(t => t is CsvLines.MediaType or CsvMetadata.MediaType) ? parameters.Union(CsvFormat.Parameters) : parameters;

    private static void NotAcceptable(OpenApiOperation operation, IServeMediaTypes served, OpenApiDocument document)
    {
        if (served.Served.Contains(MediaTypes.Json))
            Refusals(operation, document, "406");
    }

    private static OpenApiSchema ListOfSchemas() =>
        new()
        {
            Type = JsonSchemaType.Array,
            Items = DescribedSchemas.Object(
                ["command", "type", "schema"],
                ("command", DescribedSchemas.Text()),
                ("type", DescribedSchemas.Text()),
                ("schema", new OpenApiSchema { Type = JsonSchemaType.String, Format = "uri-reference" })
            ),
        };

    private static OpenApiSchema ProblemTypes(string path)
    {
        var one = DescribedSchemas.Object(
            ["type", "status", "title"],
            ("type", new OpenApiSchema { Type = JsonSchemaType.String, Format = "uri-reference" }),
            ("status", new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32" }),
            ("title", DescribedSchemas.Text())
        );
        return path.Contains('{', StringComparison.Ordinal) ? one : new OpenApiSchema { Type = JsonSchemaType.Array, Items = one };
    }

    private static string Words(string? operationId) => operationId is null ? "" : Capital(operationId).Replace('-', ' ');

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    /// <summary>
    /// Refusals stand once in the document, and each operation points to its own. What any request may be refused for is the default.
    /// </summary>
    private static void Refusals(OpenApiOperation operation, OpenApiDocument document, params IEnumerable<string> statuses)
    {
        document.Components ??= new();
        document.Components.Responses ??= new Dictionary<string, IOpenApiResponse>();
        foreach (var status in statuses.Append("default"))
        {
            var name = status == "default" ? "Refused" : $"Refused{status}";
            document.Components.Responses.TryAdd(name, Refusal(status, document));
            operation.Responses![status] = new OpenApiResponseReference(name, document);
        }
    }

    private static OpenApiResponse Refusal(string status, OpenApiDocument document)
    {
        var refusal = new OpenApiResponse
        {
            Description =
                status == "default"
                    ? "Any other refusal, such as of a path that is too long (414)."
                    : ReasonPhrases.GetReasonPhrase(int.Parse(status, CultureInfo.InvariantCulture)),
            Content = new Dictionary<string, OpenApiMediaType>
            {
                [ProblemResult.MediaType] = new() { Schema = DescribedSchemas.Component(document, "Problem", OpenApiSchemas.Problem()) },
            },
        };
        return status switch
        {
            "401" => refusal.Always(HeaderNames.WWWAuthenticate),
            "429" or "503" => refusal.Always(HeaderNames.RetryAfter).Sometimes(CommandEndpoint.PositionHeader),
            "400" or "404" or "409" or "422" => refusal.Sometimes(CommandEndpoint.PositionHeader),
            _ => refusal,
        };
    }

    private static string Text(int status) => status.ToString(CultureInfo.InvariantCulture);

    private static void Query(OpenApiOperation operation, string name, IServiceProvider services)
    {
        var parameter = services.GetServices<QueryParameter>().Single(p => p.Name == name);
        operation.Parameters!.Add(
            new OpenApiParameter
            {
                Name = name[(name.IndexOf(':', StringComparison.Ordinal) + 1)..],
                In = ParameterLocation.Query,
                Description = parameter.Description,
                Schema = parameter.Schema(),
            }
        );
    }
}
