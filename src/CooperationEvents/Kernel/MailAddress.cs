using System.Globalization;
using System.Text.RegularExpressions;

namespace CooperationEvents.Kernel;

/// <summary>
/// The normal form of mail addresses, by which people are known: any two spellings of one address have the same. Without
/// <c>mailto:</c> and what follows a question mark, without percent-encoding, angle brackets, needless quotes and invisible
/// characters, in lower case, composed (NFC), with the domain as the name service has it.
/// </summary>
public static partial class MailAddress
{
    /// <summary>What an address in the history may be written as. A command may repeat it.</summary>
    public const string RecordedPattern = @"^[^@\s]+@[^@\s]+$";

    /// <summary>What an address of a person may be written as.</summary>
    public const string Pattern = @"^(?![Mm][Aa][Ii][Ll][Tt][Oo]:)[^@\s<>]+@[^@\s<>]*[^@\s<>.]$";

    /// <summary>What <see cref="Pattern"/> asks for.</summary>
    public const string Words = "an e-mail address, without mailto:, angle brackets and a dot at its end";

    private const string Scheme = "mailto:";
    private const string AnyName = "a@";

    private static readonly IdnMapping Domains = new();

    /// <returns>Null where the text is no mail address.</returns>
    public static string? Normal(string? text)
    {
        if (text is null)
            return null;
        var address = Visible(text);
        var encoded = false;
        while (true)
        {
            if (address.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
                (address, encoded) = (WithoutSlashes(address[Scheme.Length..].Trim()), true);
            else if (InBrackets().Match(address) is { Success: true } match)
                address = match.Groups[1].Value.Trim();
            else
                break;
        }

        if (encoded && address.IndexOf('?', StringComparison.Ordinal) is > 0 and var query)
            address = address[..query];
        address = Visible(Uri.UnescapeDataString(address)).ToLowerInvariant();
        var at = address.LastIndexOf('@');
        if (at <= 0)
            return null;
        var local = NeedlesslyQuoted().Replace(address[..at], "$1");
        address = $"{local}@{Domain(address[(at + 1)..].TrimEnd('.'))}";
        return Form().IsMatch(address) ? address : null;
    }

    /// <summary>The normal form of the domain of addresses, as the name service has it.</summary>
    /// <returns>Null where the text is no domain.</returns>
    public static string? NormalDomain(string text) => Normal(AnyName + text)?[AnyName.Length..];

    /// <summary>Why an address that is not recorded yet may not be written so; null where it may.</summary>
    public static Problem? Fault(string? address, string pointer) =>
        address is null || Plain().IsMatch(address) ? null : KernelProblems.Invalid.At(pointer, $"Must be {Words}.");

    /// <summary>
    /// The normal form, and the others that one address may stand under: with the letters of its domain, and as it was sent.
    /// Addresses were once kept so.
    /// </summary>
    public static IReadOnlyList<string> Forms(string address)
    {
        var sent = NormalForm.OfLine(address).ToLowerInvariant();
        return Normal(address) is { } normal ? [.. new[] { normal, WithLetters(normal), sent }.Distinct()] : [sent];
    }

    /// <summary>
    /// Every form that somebody with the address may have been kept under: those of <see cref="Forms"/>, and with what was once taken as a
    /// part of an address. To look for who cannot be kept anew.
    /// </summary>
    public static IReadOnlyList<string> EarlierForms(string address)
    {
        var forms = Forms(address);
        return
        [
            .. forms
                .Concat(
                    forms.SelectMany(form =>
                        new[] { $"<{form}>", form + ".", Scheme + form, $"{Scheme}<{form}>", $"<{Scheme}{form}>", $"{Scheme}{form}." }
                    )
                )
                .Distinct(),
        ];
    }

    public static bool AreSame(string one, string other) => Forms(one)[0] == Forms(other)[0];

    private static string WithLetters(string normal)
    {
        var domain = normal.LastIndexOf('@') + 1;
        try
        {
            return normal[..domain] + Domains.GetUnicode(normal[domain..]);
        }
        catch (ArgumentException)
        {
            return normal;
        }
    }

    /// <summary>Some programs write the scheme as that of a web address.</summary>
    private static string WithoutSlashes(string address) => address.StartsWith("//", StringComparison.Ordinal) ? address[2..] : address;

    private static string Domain(string domain)
    {
        try
        {
            return Domains.GetAscii(domain).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            return domain;
        }
    }

    private static string Visible(string text) => NormalForm.OfLine(string.Concat(text.Where(c => !char.IsControl(c))));

    [GeneratedRegex(Pattern)]
    private static partial Regex Plain();

    [GeneratedRegex(@"<([^<>]+)>\z")]
    private static partial Regex InBrackets();

    [GeneratedRegex(@"\A""([^""\\@\s]+)""\z")]
    private static partial Regex NeedlesslyQuoted();

    /// <summary>
    /// As a person's e-mail and external reference take it, of the characters that an address has without quotes (RFC 5322, 3.2.3;
    /// RFC 6532).
    /// </summary>
    [GeneratedRegex(
        @"\A(?!//)([a-z0-9!#$%&'*+/=?^_`{|}~.-]|[^\x00-\x7F\s\p{C}]){1,64}@(?=.{1,120}\z)[\p{L}\p{M}\p{N}_-]+(\.[\p{L}\p{M}\p{N}_-]+)*\z"
    )]
    private static partial Regex Form();
}
