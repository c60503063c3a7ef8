using CooperationEvents.Kernel;
using Mono.Cecil;

namespace CooperationEvents.UnitTests.Architecture;

/// <summary>
/// The types of an assembly with everything their code mentions, read from IL: also in lambdas, async methods and attributes.
/// </summary>
internal static class Code
{
    /// <summary>The service, by the full names of its types; what the compiler makes at top level is left out.</summary>
    public static IReadOnlyDictionary<string, Part> Service { get; } = Read(typeof(ICommand).Assembly.Location);

    public static IReadOnlyDictionary<string, Part> Read(string path)
    {
        using var module = ModuleDefinition.ReadModule(path);
        return module
            .Types.Where(t => !t.Name.Contains('<', StringComparison.Ordinal))
            .Select(t => new Part(t))
            .ToDictionary(p => p.FullName);
    }
}

/// <summary>A type, with the types nested in it, and what it uses.</summary>
internal sealed class Part
{
    private readonly HashSet<Use> _uses = [];

    public Part(TypeDefinition type)
    {
        (FullName, Namespace, Name) = (type.FullName, type.Namespace, type.Name.Split('`')[0]);
        BaseType = type.BaseType?.FullName;
        Interfaces = [.. type.Interfaces.Select(i => i.InterfaceType.GetElementType().FullName)];
        Attributes = [.. type.CustomAttributes.Select(a => a.AttributeType.FullName)];
        Methods = [.. type.Methods];
        Scan(type);
        _uses.RemoveWhere(u => u.Type == FullName || IsMadeByTheCompiler(u));
    }

    public string FullName { get; }

    public string Namespace { get; }

    public string Name { get; }

    public string? BaseType { get; }

    public IReadOnlyList<string> Interfaces { get; }

    public IReadOnlyList<string> Attributes { get; }

    public IReadOnlyList<MethodDefinition> Methods { get; }

    public IReadOnlySet<Use> Uses => _uses;

    /// <summary>The types in the signatures of its public methods.</summary>
    public IEnumerable<string> InSignatures()
    {
        var uses = new HashSet<Use>();
        foreach (var method in Methods.Where(m => m.IsPublic))
        {
            foreach (var type in method.Parameters.Select(p => p.ParameterType).Append(method.ReturnType))
                Add(uses, type, null);
        }

        return uses.Select(u => u.Type);
    }

    /// <summary>
    /// The types that values are tested for (<c>is</c>, or an arm of a <c>switch</c>) in the methods of that name, and in whatever of this type
    /// they come to: methods, lambdas, local functions, iterators; and in the folds of its room that they come to.
    /// </summary>
    public IReadOnlySet<string> TestedIn(string method)
    {
        var (tested, seen) = (new HashSet<string>(), new HashSet<MethodDefinition>());
        var left = new Stack<MethodDefinition>(Methods.Where(m => m.Name == method));
        while (left.TryPop(out var next))
        {
            if (!seen.Add(next) || !next.HasBody)
                continue;
            foreach (var instruction in next.Body.Instructions)
            {
                if (instruction is { OpCode.Code: Mono.Cecil.Cil.Code.Isinst, Operand: TypeReference type })
                    tested.Add(type.FullName);
                if (instruction.Operand is MethodReference { } called)
                    Reach(called);
            }

            foreach (var machine in next.Body.Variables.Select(v => v.VariableType).OfType<TypeDefinition>().Where(IsStateMachine))
                Add(machine.Methods);
        }

        return tested;

        void Reach(MethodReference called)
        {
            if (called.GetElementMethod() is not MethodDefinition reached)
                return;
            var owner = Outermost(reached.DeclaringType);
            if (owner.FullName == FullName || (owner.Namespace == Namespace && reached.Name == "Fold"))
                Add(IsStateMachine(reached.DeclaringType) ? reached.DeclaringType.Methods : [reached]);
        }

        void Add(IEnumerable<MethodDefinition> methods)
        {
            foreach (var one in methods)
                left.Push(one);
        }
    }

    public override string ToString() => FullName;

    private static bool IsStateMachine(TypeDefinition type) => type.Name.Contains(">d__", StringComparison.Ordinal);

    private static TypeReference Outermost(TypeReference type) => type.DeclaringType is { } declaring ? Outermost(declaring) : type;

    private static bool IsMadeByTheCompiler(Use use) =>
        use.Type.Contains('<', StringComparison.Ordinal) || use.Type.StartsWith("System.Diagnostics.Debugger", StringComparison.Ordinal);

    private void Scan(TypeDefinition type)
    {
        Scan(type.BaseType);
        foreach (var i in type.Interfaces)
            Scan(i.InterfaceType);
        ScanAttributes(type);
        ScanConstraints(type);
        foreach (var field in type.Fields)
        {
            Scan(field.FieldType);
            ScanAttributes(field);
        }

        foreach (var property in type.Properties)
            ScanAttributes(property);
        foreach (var method in type.Methods)
            Scan(method);
        foreach (var nested in type.NestedTypes)
            Scan(nested);
    }

    private void Scan(MethodDefinition method)
    {
        Scan(method.ReturnType);
        ScanAttributes(method);
        ScanAttributes(method.MethodReturnType);
        ScanConstraints(method);
        foreach (var parameter in method.Parameters)
        {
            Scan(parameter.ParameterType);
            ScanAttributes(parameter);
        }

        if (!method.HasBody)
            return;
        foreach (var variable in method.Body.Variables)
            Scan(variable.VariableType);
        foreach (var handler in method.Body.ExceptionHandlers)
            Scan(handler.CatchType);
        foreach (var operand in method.Body.Instructions.Select(i => i.Operand))
        {
            switch (operand)
            {
                case TypeReference type:
                    Scan(type);
                    break;
                case FieldReference field:
                    Add(_uses, field.DeclaringType, field.Name);
                    Scan(field.FieldType);
                    break;
                case MethodReference called:
                    Add(_uses, called.DeclaringType, called.Name);
                    Scan(called.ReturnType);
                    foreach (var parameter in called.Parameters)
                        Scan(parameter.ParameterType);
                    foreach (var argument in (called as GenericInstanceMethod)?.GenericArguments ?? [])
                        Scan(argument);
                    break;
            }
        }
    }

    private void ScanAttributes(ICustomAttributeProvider provider)
    {
        foreach (var attribute in provider.CustomAttributes)
        {
            Scan(attribute.AttributeType);
            foreach (var argument in attribute.ConstructorArguments.Concat(attribute.Properties.Select(p => p.Argument)))
                Scan(argument.Value as TypeReference);
        }
    }

    private void ScanConstraints(IGenericParameterProvider provider)
    {
        foreach (var constraint in provider.GenericParameters.SelectMany(p => p.Constraints))
            Scan(constraint.ConstraintType);
    }

    private void Scan(TypeReference? type) => Add(_uses, type, null);

    private static void Add(HashSet<Use> uses, TypeReference? type, string? member)
    {
        switch (type)
        {
            case null or GenericParameter:
                break;
            case GenericInstanceType generic:
                Add(uses, generic.ElementType, member);
                foreach (var argument in generic.GenericArguments)
                    Add(uses, argument, null);
                break;
            case RequiredModifierType modified:
                Add(uses, modified.ModifierType, null);
                Add(uses, modified.ElementType, member);
                break;
            case TypeSpecification specification:
                Add(uses, specification.ElementType, member);
                break;
            default:
                var outermost = Outermost(type);
                uses.Add(new Use(outermost.FullName, outermost.Namespace, member));
                break;
        }
    }
}

/// <summary>A type that is mentioned, by its outermost type, and the member of it that is called or read.</summary>
internal sealed record Use(string Type, string Namespace, string? Member)
{
    public override string ToString() => Member is null ? Type : $"{Type}.{Member}";
}
