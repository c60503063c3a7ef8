using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CooperationEvents.Kernel;

namespace CooperationEvents.Privacy;

/// <summary>
/// A key that seals the fields of one class of a person: HKDF-SHA256 of the person's key, with a salt that is random and kept beside it.
/// Without either, what it sealed cannot be read any more.
/// </summary>
/// <param name="IsDestroyed">Whether the salt is destroyed: the fields expired.</param>
/// <param name="Key">Null where the salt is destroyed, and where it does not open under any master key that is here.</param>
public sealed record FieldKey(FieldSalt Salt, bool IsDestroyed, byte[]? Key)
{
    /// <summary>The key that follows from the person's key and the bytes of the salt.</summary>
    public static FieldKey Of(byte[] personKey, FieldSalt salt, byte[] bytes) =>
        new(
            salt,
            IsDestroyed: false,
            HKDF.DeriveKey(
                HashAlgorithmName.SHA256,
                personKey,
                KeyStore.KeySize,
                bytes,
                Encoding.ASCII.GetBytes($"person-field\n{NameOf(salt)}")
            )
        );

    /// <summary>The salt in a word, such as <c>contact/1</c>.</summary>
    public static string NameOf(FieldSalt salt) => NameOf(Json.Word(salt.Class), salt.Number);

    /// <inheritdoc cref="NameOf(FieldSalt)"/>
    public static string NameOf(string of, int number) => $"{of}/{number.ToString(CultureInfo.InvariantCulture)}";
}

/// <summary>What may be done with a person's key.</summary>
public enum PersonKeyState
{
    /// <summary>It seals and opens.</summary>
    Active,

    /// <summary>It seals and opens for rules and for the person's own report; nobody else reads what it opens.</summary>
    Restricted,

    /// <summary>It is gone for good: the person was erased.</summary>
    Destroyed,
}

/// <summary>
/// A person's key. <paramref name="Key"/> is null where it is destroyed, and where it does not open under any master key that is here.
/// </summary>
public sealed record PersonKey(PersonKeyState State, byte[]? Key)
{
    /// <summary>The keys of its classes of fields, one a salt that was ever made.</summary>
    public ImmutableList<FieldKey> Fields { get; init; } = [];

    /// <summary>The key of that salt; null where none was made, or its row was lost.</summary>
    public FieldKey? Of(FieldSalt salt) => Fields.Find(f => f.Salt == salt);

    /// <summary>The key to seal fields of the class under: the newest there is; null where a new salt must be made.</summary>
    /// <param name="after">The number of the last salt of the class that expired, 0 where none did.</param>
    public FieldKey? ToSeal(FieldClass of, int after = 0) =>
        Fields.Where(f => f.Salt.Class == of && f.Salt.Number > after && f.Key is not null).MaxBy(f => f.Salt.Number);

    /// <summary>The salt to be made next for the class.</summary>
    /// <inheritdoc cref="ToSeal" path="/param"/>
    public FieldSalt Next(FieldClass of, int after = 0) =>
        new(of, Math.Max(after, Fields.Where(f => f.Salt.Class == of).Select(f => f.Salt.Number).DefaultIfEmpty().Max()) + 1);
}
