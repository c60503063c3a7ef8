using System.Text;

namespace CooperationEvents.Calendars.Format;

/// <summary>A text in the value of a parameter, where quotes, carets and line breaks are written as RFC 6868 says.</summary>
internal static class ParameterText
{
    public static string Encoded(string text) =>
        text.Replace("^", "^^", StringComparison.Ordinal)
            .Replace("\"", "^'", StringComparison.Ordinal)
            .Replace("\n", "^n", StringComparison.Ordinal);

    public static string Decoded(string value)
    {
        if (!value.Contains('^', StringComparison.Ordinal))
            return value;
        var decoded = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            var escaped =
                value[i] != '^' || i + 1 == value.Length
                    ? null
                    : value[i + 1] switch
                    {
                        'n' => "\n",
                        '\'' => "\"",
                        '^' => "^",
                        _ => null,
                    };
            decoded.Append(escaped ?? value[i].ToString());
            i += escaped is null ? 0 : 1;
        }

        return decoded.ToString();
    }
}
