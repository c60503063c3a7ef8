using System.Globalization;

namespace CooperationEvents.AuditLog;

/// <summary>Numbers from 0 in decimal ASCII digits, without leading zeros.</summary>
internal static class PlainNumber
{
    public static bool TryParse(ReadOnlySpan<char> text, out long number)
    {
        number = 0;
        return text is [>= '1' and <= '9', ..] or "0" && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    public static string Of(long number) => number.ToString(CultureInfo.InvariantCulture);
}
