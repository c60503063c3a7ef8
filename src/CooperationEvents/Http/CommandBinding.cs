using System.Reflection;
using System.Text.Json;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;
using JasperFx;
using JasperFx.CodeGeneration;
using JasperFx.CodeGeneration.Frames;
using JasperFx.CodeGeneration.Model;
using JasperFx.Core.Reflection;
using Microsoft.AspNetCore.Http.Features;
using Wolverine.Http;
using Wolverine.Http.CodeGen;

namespace CooperationEvents.Http;

/// <summary>
/// Has Wolverine read the command that an endpoint takes: strictly, from the body and the path. What is wrong with it is
/// answered, and the endpoint is not called.
/// </summary>
public sealed class CommandBinding : IParameterStrategy
{
    private static readonly Dictionary<string, string> Nothing = [];

    public bool TryMatch(HttpChain chain, IServiceContainer container, ParameterInfo parameter, out Variable? variable)
    {
        variable = null;
        if (!parameter.ParameterType.CanBeCastTo<ICommand>())
            return false;
        chain.Metadata.Accepts(parameter.ParameterType, isOptional: false, "application/json");
        variable = new ReadCommand(parameter.ParameterType).Command;
        return true;
    }

    /// <summary>The command of a request, or the answer that says why there is none. The body is kept for <see cref="BodyOf"/>.</summary>
    public static async Task<(T? Command, IResult? Refused)> Read<T>(HttpContext http)
        where T : class, ICommand
    {
        var path = PathOf(http.Request.RouteValues);
        if (path.FirstOrDefault(p => Uuid.Read(p.Value) is null) is { Key: not null } bad)
            return (null, ProblemResult.Of(KernelProblems.NotFound.Because($"'{bad.Value}' is no id; ids are UUIDs.")));
        var (body, unreadable) = await JsonBody.Read(http.Request, http.RequestAborted);
        if (unreadable is not null)
            return (null, ProblemResult.Of(unreadable));
        http.Features.Set(new Body(body, typeof(T)));
        var (command, invalid) = JsonBody.As<T>(body, path);
        if (invalid is null && NeedsBody(http) && !JsonBody.WasSent(http.Request))
            invalid = KernelProblems.Invalid.At("", "Nothing was sent. Send a JSON object as application/json, be it {}.");
        return (command, invalid is null ? null : Refused(invalid, body, http));
    }

    private static Dictionary<string, string> PathOf(RouteValueDictionary values) =>
        values.Count == 0 ? Nothing : values.ToDictionary(v => v.Key, v => v.Value?.ToString() ?? "");

    private static bool NeedsBody(HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<CommandAttribute>() is { NeedsBody: true };

    /// <summary>
    /// What is wrong with a body. It is answered where commands are decided, if the request has a key: what was accepted under the key
    /// before is told first, so that a rule of form that came since refuses no repeat.
    /// </summary>
    private static IResult Refused(Problem invalid, JsonElement body, HttpContext http) =>
        http.Request.Headers.ContainsKey(CommandHeaders.IdempotencyKey) && JsonBody.IsUnicode(body)
            ? CommandRule.By(_ => Task.FromResult<StreamDecision>(invalid))
            : ProblemResult.Of(invalid);

    /// <summary>The body that the command of a request was read from.</summary>
    internal static JsonElement BodyOf(HttpContext http) => http.Features.GetRequiredFeature<Body>().Json;

    /// <summary>The command that was read.</summary>
    internal static Type TypeOf(HttpContext http) => http.Features.GetRequiredFeature<Body>().Command;

    private sealed record Body(JsonElement Json, Type Command);

    private sealed class ReadCommand : AsyncFrame
    {
        public ReadCommand(Type command) => Command = new Variable(command, "command", this);

        public Variable Command { get; }

        public override void GenerateCode(GeneratedMethod method, ISourceWriter writer)
        {
            writer.WriteComment("Reading the command from body and path");
            writer.Write(
                $"var ({Command.Usage}, refusal) = await "
                    + $"{typeof(CommandBinding).FullNameInCode()}.{nameof(Read)}<{Command.VariableType.FullNameInCode()}>(httpContext);"
            );
            writer.Write("BLOCK:if (refusal != null)");
            writer.Write($"await refusal.{nameof(IResult.ExecuteAsync)}(httpContext).ConfigureAwait(false);");
            writer.Write("return;");
            writer.FinishBlock();
            Next?.GenerateCode(method, writer);
        }
    }
}
