using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using CooperationEvents.Kernel;

namespace CooperationEvents.Http;

/// <summary>A text that was taken, and looks as if it said how to reach somebody.</summary>
public sealed record TextWarning(string Pointer, string Detail);

/// <summary>
/// Text about the activity is public record and is never erased. Where it looks like an e-mail address or a telephone number it is
/// taken all the same, and the answer says so.
/// </summary>
public static partial class PublicTexts
{
    /// <summary>What comes is no day (2024-05-06, 06.05.2024) and no span of years (2021-2027).</summary>
    private const string NoDay =
        @"(?!\(?(?:19|20)[0-9]{2}(?<a>[-./])[0-9]{1,2}\k<a>[0-9]{1,2}(?![-./]?[0-9])"
        + @"|\(?[0-9]{1,2}(?<b>[-./])[0-9]{1,2}\k<b>(?:19|20)[0-9]{2}(?![./]?[0-9])"
        + @"|\(?(?:19|20)[0-9]{2} ?[-/\u2013] ?(?:19|20)?[0-9]{2}(?![-./]?[0-9]))";

    /// <summary>One of these stands in every text that <see cref="Telephone"/> fits.</summary>
    private static readonly SearchValues<string> BeforeTelephone = SearchValues.Create(
        ["+", "00", "tel", "phone", "mobile", "gsm", "fax"],
        StringComparison.OrdinalIgnoreCase
    );

    private static readonly ConcurrentDictionary<Type, IReadOnlyList<Member>> Known = new();

    /// <param name="body">Of the shape of the command.</param>
    /// <param name="at">Where the body stands in what was sent.</param>
    public static IReadOnlyList<TextWarning> Warnings(JsonElement body, Type command, string at = "")
    {
        var warnings = new List<TextWarning>();
        Look(body, command, at, warnings);
        return warnings;
    }

    /// <summary>Those of a command that was made here.</summary>
    public static IReadOnlyList<TextWarning> Warnings(ICommand command) =>
        Warnings(JsonSerializer.SerializeToElement(command, command.GetType(), Json.Options), command.GetType());

    /// <summary>What the text looks like, in words; null where it looks like a text.</summary>
    public static string? LooksLike(string text) =>
        text.Contains('@', StringComparison.Ordinal) && Mail().IsMatch(text) ? "an e-mail address"
        : MayHoldTelephone(text) && Telephone().IsMatch(text) ? "a telephone number"
        : null;

    private static bool MayHoldTelephone(string text) => text.AsSpan().ContainsAny(BeforeTelephone) && text.Count(char.IsAsciiDigit) >= 7;

    /// <summary>What the address of a document or the identifier of a record looks like; null where it says how to reach nobody.</summary>
    public static string? UriLooksLike(string text)
    {
        var uri = Uri.UnescapeDataString(text);
        return MailUri().IsMatch(uri) ? "an e-mail address"
            : TelephoneUri().IsMatch(uri) ? "a telephone number"
            : null;
    }

    private static void Look(JsonElement element, Type type, string pointer, List<TextWarning> warnings)
    {
        if (element.ValueKind != JsonValueKind.Object)
            return;
        foreach (var member in Known.GetOrAdd(type, MembersOf))
        {
            if (element.TryGetProperty(member.Name, out var value))
                Look(value, member, $"{pointer}/{member.Name}", warnings);
        }
    }

    private static void Look(JsonElement value, Member member, string pointer, List<TextWarning> warnings)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String when member.LooksLike?.Invoke(value.GetString()!) is { } what:
                warnings.Add(
                    new TextWarning(
                        pointer,
                        $"This looks like {what}. The text is public record and is never erased: "
                            + "names of people and how to reach them do not belong in it."
                    )
                );
                break;
            case JsonValueKind.Array:
                foreach (var (index, item) in value.EnumerateArray().Index())
                    Look(item, member, string.Create(CultureInfo.InvariantCulture, $"{pointer}/{index}"), warnings);
                break;
            case JsonValueKind.Object when member.Nested is { } nested:
                Look(value, nested, pointer, warnings);
                break;
            case JsonValueKind.Object:
                foreach (var text in value.EnumerateObject())
                    Look(text.Value, member, $"{pointer}/{BodyCheck.Escape(text.Name)}", warnings);
                break;
        }
    }

    /// <summary>The members of a command, or of what stands in one, that hold public text.</summary>
    private static IReadOnlyList<Member> MembersOf(Type type) =>
        type.GetCustomAttribute<SealsTextsAttribute>() is not null
            ? []
            :
            [
                .. Json
                    .Options.GetTypeInfo(type)
                    .Properties.Select(p => MemberOf(p.Name, p.PropertyType, p.AttributeProvider))
                    .OfType<Member>(),
            ];

    private static Member? MemberOf(string name, Type type, ICustomAttributeProvider? attributes)
    {
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueList<>))
            return MemberOf(name, type.GetGenericArguments()[0], attributes);
        if (type == typeof(string) || type == typeof(IReadOnlyDictionary<string, string>))
        {
            return Attribute<UriAttribute>() is not null ? new Member(name, UriLooksLike)
                : Attribute<TextAttribute>() is { Pattern: null } ? new Member(name, LooksLike)
                : null;
        }

        // How another system names a record is an id of that system.
        var isPart = type.IsClass && type.Assembly == typeof(PublicTexts).Assembly;
        if (type == typeof(Reference) || type == typeof(ExternalReference))
            return null;
        return isPart && MembersOf(type).Count > 0 ? new Member(name, null, type) : null;

        T? Attribute<T>()
            where T : Attribute => attributes?.GetCustomAttributes(typeof(T), inherit: true).OfType<T>().FirstOrDefault();
    }

    [GeneratedRegex(@"[^\s@<>()\[\],;:""]+@[^\s@<>()\[\],;:""]+\.[^\s@<>()\[\],;:""]{2,}")]
    private static partial Regex Mail();

    /// <summary>An address of mail or a call, also inside another address.</summary>
    [GeneratedRegex(@"\b(?:mailto|sips?|xmpp|im):[^\s@]+@[^\s@]", RegexOptions.IgnoreCase)]
    private static partial Regex MailUri();

    [GeneratedRegex(@"\b(?:tel|sms|callto):\+?[0-9(]", RegexOptions.IgnoreCase)]
    private static partial Regex TelephoneUri();

    /// <summary>An international number, or digits behind a word that announces one. Days and numbers of documents are none.</summary>
    [GeneratedRegex(
        @"(?<![\w+]|[0-9][:.])(?:\+|00 ?)"
            + NoDay
            + @"[1-9](?:[ ().\-/]{0,2}[0-9]){6,13}(?!\w)"
            + @"|\b(?:tel|telephone|phone|mobile|gsm|fax)\b[ .:]*"
            + NoDay
            + @"\+?[0-9(](?:[ ().\-/]{0,2}[0-9]){5,13}",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase
    )]
    private static partial Regex Telephone();

    /// <param name="LooksLike">What a text in the member looks like; null where none stands in it.</param>
    /// <param name="Nested">What stands in the member; null for texts.</param>
    private sealed record Member(string Name, Func<string, string?>? LooksLike, Type? Nested = null);
}
