using System.Reflection;
using CooperationEvents.Kernel;
using JasperFx;
using JasperFx.CodeGeneration;
using JasperFx.CodeGeneration.Frames;
using JasperFx.CodeGeneration.Model;
using JasperFx.Core.Reflection;
using Wolverine.Http;
using Wolverine.Http.CodeGen;

namespace CooperationEvents.Http;

/// <summary>
/// Has Wolverine read the command that an endpoint takes by <see cref="CommandRequest.Read{T}"/>. What is wrong with it is answered, and
/// the endpoint is not called.
/// </summary>
public sealed class CommandBinding : IParameterStrategy
{
    public bool TryMatch(HttpChain chain, IServiceContainer container, ParameterInfo parameter, out Variable? variable)
    {
        variable = null;
        if (!parameter.ParameterType.CanBeCastTo<ICommand>())
            return false;
        chain.Metadata.Accepts(parameter.ParameterType, isOptional: false, "application/json");
        variable = new ReadCommand(parameter.ParameterType).Command;
        return true;
    }

    private sealed class ReadCommand : AsyncFrame
    {
        public ReadCommand(Type command) => Command = new Variable(command, "command", this);

        public Variable Command { get; }

        public override void GenerateCode(GeneratedMethod method, ISourceWriter writer)
        {
            writer.WriteComment("Reading the command");
            var read = $"{typeof(CommandRequest).FullNameInCode()}.{nameof(CommandRequest.Read)}";
            writer.Write($"var ({Command.Usage}, refusal) = await {read}<{Command.VariableType.FullNameInCode()}>(httpContext);");
            writer.Write("BLOCK:if (refusal != null)");
            writer.Write($"await refusal.{nameof(IResult.ExecuteAsync)}(httpContext).ConfigureAwait(false);");
            writer.Write("return;");
            writer.FinishBlock();
            Next?.GenerateCode(method, writer);
        }
    }
}
