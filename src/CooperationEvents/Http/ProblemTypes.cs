using System.Reflection;
using CooperationEvents.Kernel;
using Microsoft.AspNetCore.Authorization;
using Wolverine.Http;

namespace CooperationEvents.Http;

/// <summary>The problem types of the API, so that the type of a problem leads somewhere.</summary>
public static class ProblemTypes
{
    /// <summary>Every problem type the service can answer with, by its slug.</summary>
    public static IReadOnlyDictionary<string, ProblemType> All { get; } =
        typeof(ProblemTypes)
            .Assembly.GetTypes()
            .SelectMany(t => t.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Where(f => f.FieldType == typeof(ProblemType))
            .Select(f => (ProblemType)f.GetValue(null)!)
            .OrderBy(p => p.Slug, StringComparer.Ordinal)
            .ToDictionary(p => p.Slug);
}

/// <summary>A problem type, as its URI answers it.</summary>
public sealed record ProblemTypeAnswer(string Type, int Status, string Title);

public static class ProblemTypesEndpoint
{
    [WolverineGet("/problems", OperationId = "list-problem-types"), AllowAnonymous]
    public static IResult List() => Results.Json(ProblemTypes.All.Values.Select(Answer), Json.Options);

    [WolverineGet("/problems/{slug}", OperationId = "get-problem-type"), AllowAnonymous]
    public static IResult Get(string slug) =>
        ProblemTypes.All.TryGetValue(slug, out var type)
            ? Results.Json(Answer(type), Json.Options)
            : ProblemResult.Of(KernelProblems.NotFound.Because($"There is no problem type {slug}. See /problems."));

    private static ProblemTypeAnswer Answer(ProblemType type) => new(type.Uri, type.Status, type.Title);
}
