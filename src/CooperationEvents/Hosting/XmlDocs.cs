using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace CooperationEvents.Hosting;

/// <summary>What the documentation comments say, so that the API says it too and nothing is written twice.</summary>
internal static partial class XmlDocs
{
    private static readonly Lazy<Dictionary<string, string>> Summaries = new(Read);

    /// <summary>The summary of a type, in plain text; empty where it has none.</summary>
    public static string SummaryOf(Type type) => Summaries.Value.GetValueOrDefault("T:" + type.FullName?.Replace('+', '.'), "");

    /// <summary>The summary of a property.</summary>
    public static string SummaryOf(Type type, string property) =>
        Summaries.Value.GetValueOrDefault($"P:{type.FullName?.Replace('+', '.')}.{property}", "");

    private static Dictionary<string, string> Read()
    {
        var path = Path.ChangeExtension(typeof(XmlDocs).Assembly.Location, ".xml");
        return File.Exists(path)
            ? XDocument
                .Load(path)
                .Descendants("member")
                .Where(m => m.Element("summary") is not null)
                .ToDictionary(m => m.Attribute("name")!.Value, m => Plain(m.Element("summary")!))
            : [];
    }

    private static string Plain(XElement summary) =>
        Space()
            .Replace(
                string.Concat(
                    summary
                        .Nodes()
                        .Select(n =>
                            n switch
                            {
                                XText text => text.Value,
                                XElement { Name.LocalName: "paramref" } e when e.Attribute("name") is { } name => char.ToLowerInvariant(
                                    name.Value[0]
                                ) + name.Value[1..],
                                XElement { Name.LocalName: "see" } e when e.Attribute("cref") is { } cref => cref.Value[
                                    (cref.Value.LastIndexOf('.') + 1)..
                                ],
                                XElement e => e.Value,
                                _ => "",
                            }
                        )
                ),
                " "
            )
            .Trim();

    [GeneratedRegex("\\s+")]
    private static partial Regex Space();
}
