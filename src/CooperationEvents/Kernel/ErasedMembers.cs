using System.Text.Json.Serialization.Metadata;

namespace CooperationEvents.Kernel;

/// <summary>The member of an answer is null, and not absent, once the person it is about was erased.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NullOnceErasedAttribute : Attribute;

/// <summary>An answer with members that are null once a person was erased.</summary>
public interface ITellErased
{
    bool IsErased { get; }
}

internal static class ErasedMembers
{
    public static void AreNull(JsonTypeInfo type)
    {
        if (!type.Type.IsAssignableTo(typeof(ITellErased)))
            return;
        foreach (var member in type.Properties)
        {
            if (member.AttributeProvider?.IsDefined(typeof(NullOnceErasedAttribute), inherit: true) == true)
                member.ShouldSerialize = static (answer, value) => value is not null || ((ITellErased)answer).IsErased;
        }
    }
}
