namespace CooperationEvents.Kernel;

/// <summary>
/// The shape of a text member: at most <paramref name="maxLength"/> characters (200 where absent), and a pattern where one is given.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TextAttribute(int maxLength = TextAttribute.DefaultMaxLength) : Attribute
{
    public const int DefaultMaxLength = 200;

    /// <summary>The longest text that has one line: names and titles.</summary>
    private const int LongestLine = 300;

    public int MaxLength { get; } = maxLength;

    /// <summary>Whether the text may have more than one line.</summary>
    public bool HasLines => MaxLength > LongestLine;

    /// <summary>A regular expression the whole text must match.</summary>
    public string? Pattern { get; init; }

    /// <summary>What <see cref="Pattern"/> asks for, in words that complete "Must be …".</summary>
    public string? Words { get; init; }

    /// <summary>A short code: Latin letters, digits and hyphens. What figures call that which has no code is none.</summary>
    public const string Code = "^(?!not-stated$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,38}[A-Za-z0-9])?$";

    public const string CodeWords =
        "1 to 40 Latin letters without accents, digits and inner hyphens, and not 'not-stated', which is said of what has none";

    /// <summary>The shape of a language tag. Which are one, <see cref="Languages"/> says.</summary>
    public const string LanguageTag = "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$";

    public const string Sha256 = "^[0-9a-f]{64}$";

    public const string Sha256Words = "a SHA-256 in 64 lower-case hexadecimal digits";
}

/// <summary>The member is the code of a country, as ISO 3166-1 and the configuration assign them.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class CountryAttribute : Attribute
{
    public const string Pattern = "^[A-Z]{2}$";

    public const string Words = "a two-letter country code in capitals (ISO 3166-1), such as BE";
}

/// <summary>The member names an IANA time zone, such as <c>Europe/Brussels</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TimeZoneAttribute : Attribute;

/// <summary>The date may have a time of day: the member <c>timeZone</c> beside it, or of what it changes, says where.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TimeOfDayAttribute : Attribute;

/// <summary>The member is an absolute http or https URL, or another absolute URI where <see cref="AnyScheme"/>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class UriAttribute : Attribute
{
    public bool AnyScheme { get; init; }

    /// <summary>How a URI begins that holds a user name or a password before its host.</summary>
    public const string User = @"(?:[A-Za-z][A-Za-z0-9+.-]*:[\\/]{2}|[Hh][Tt][Tt][Pp][Ss]?:)[\\/]*[^\\/?#]*@";

    /// <summary>
    /// A URI with its scheme, in the characters of RFC 3986 and 3987. The schemes <c>javascript</c>, <c>vbscript</c> and
    /// <c>data</c> are refused: opened as a link, such a text runs or shows itself. A user is refused too. Every validator of JSON
    /// Schemas reads it.
    /// </summary>
    public const string Pattern =
        $"^(?!{User})"
        + "(?!([Jj][Aa][Vv][Aa][Ss][Cc][Rr][Ii][Pp][Tt]|[Vv][Bb][Ss][Cc][Rr][Ii][Pp][Tt]|[Dd][Aa][Tt][Aa]):)"
        + @"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>""{}|\\^`]+$";

    /// <summary>What a URL of http or https begins with, without a user.</summary>
    public const string WebPattern = $"^(?!{User})[Hh][Tt][Tt][Pp][Ss]?:";
}

/// <summary>The least and most a number, or the length of a list, may be.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class BoundsAttribute(int least, int most) : Attribute
{
    public int Least { get; } = least;

    public int Most { get; } = most;
}

/// <summary>Marks a command whose free texts are about a person: they are sealed, and no public record.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class SealsTextsAttribute : Attribute;
