using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace CooperationEvents.Kernel;

/// <summary>The languages that a tag may name (BCP 47).</summary>
public static partial class Languages
{
    /// <summary>The codes of two letters of ISO 639-1, and behind them those that it withdrew, which tags may have all the same.</summary>
    private const string OfTwoLetters = """
        aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es et eu fa ff fi
        fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv
        kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm
        rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa
        wo xh yi yo za zh zu
        bh in iw ji jw mo sh
        """;

    private static readonly FrozenSet<string> Codes = OfTwoLetters
        .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
        .ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Why a text is no language tag; null where it may be one. A code of two letters is looked up. One of three is taken: there are some
    /// 8,000 of them in ISO 639-3, and every year others.
    /// </summary>
    public static string? Fault(string tag)
    {
        if (WellFormed().Match(tag) is not { Success: true } match || match.Length != tag.Length)
            return "Must be a language tag (BCP 47) such as en or fr-BE: a code of ISO 639 first, of two or three letters.";
        var language = match.Groups["language"].Value;
        return language.Length > 2 || Codes.Contains(language) ? null : $"ISO 639-1 has no language {language}. Give its code, such as en.";
    }

    /// <summary>Language, script, region, variants, extensions and private use, in this order.</summary>
    [GeneratedRegex(
        """
            ^(?<language>[a-z]{2,3})(-[a-z]{3}){0,3}(-[a-z]{4})?(-([a-z]{2}|[0-9]{3}))?(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*
            (-[0-9a-wyz](-[a-z0-9]{2,8})+)*(-x(-[a-z0-9]{1,8})+)?$
            """,
        RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture
    )]
    private static partial Regex WellFormed();
}
