using System.Globalization;

namespace CooperationEvents.Kernel;

/// <summary>The classes of a person's protected fields: those of one class are kept as long as each other, and expire together.</summary>
public enum FieldClass
{
    /// <summary>Name and external reference.</summary>
    Identity,

    /// <summary>E-mail address.</summary>
    Contact,

    /// <summary>Function and grade.</summary>
    Post,

    /// <summary>Free text about the person.</summary>
    Texts,
}

/// <summary>
/// A salt of a person by its class and number. The fields sealed under it can be read until it is destroyed; what is sealed after that
/// goes under one of a higher number.
/// </summary>
public sealed record FieldSalt(FieldClass Class, int Number)
{
    private static readonly Dictionary<string, FieldClass> Classes = Enum.GetValues<FieldClass>().ToDictionary(Json.Word);

    /// <summary>The class of a protected field, by its JSON name.</summary>
    public static FieldClass ClassOf(string field) =>
        field switch
        {
            "name" or "externalReference" => FieldClass.Identity,
            "email" => FieldClass.Contact,
            "function" or "grade" => FieldClass.Post,
            "reason" => FieldClass.Texts,
            _ => throw new ArgumentOutOfRangeException(nameof(field), field, "This protected field has no class."),
        };

    /// <summary>The class of that word; null where it is none.</summary>
    public static FieldClass? Read(string word) => Classes.TryGetValue(word, out var of) ? of : null;

    /// <summary>
    /// The salt that a sealed field says it is under, and what follows that; no salt where it is under the person's key itself, as all
    /// once were, or says nothing that can be read.
    /// </summary>
    public static (FieldSalt? Salt, string Text) Split(string ciphertext) =>
        ciphertext.Split(':') is [var salt, var rest]
        && salt.Split('.') is [var word, var number]
        && Read(word) is { } of
        && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var n)
            ? (new FieldSalt(of, n), rest)
            : (null, ciphertext);

    /// <summary>Whether it expired: with a salt, those of its class that were made before it expire too.</summary>
    public bool IsAmong(IEnumerable<FieldSalt> expired) => expired.Any(e => e.Class == Class && e.Number >= Number);

    /// <summary>What a field that is sealed under it says of itself before its bytes, such as <c>contact.1:</c>.</summary>
    public string Prefix() => string.Create(CultureInfo.InvariantCulture, $"{Json.Word(Class)}.{Number}:");
}

/// <summary>A state some of whose protected fields may have expired.</summary>
public interface IHaveExpiredFields
{
    /// <summary>The highest number among the salts of each class that expired.</summary>
    IReadOnlyDictionary<FieldClass, int> Expired { get; }
}
