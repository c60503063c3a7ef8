using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Legends;
using Bars = OxyPlot.Series.RectangleBarSeries;

namespace CooperationEvents.Statistics.Presentation;

/// <summary>
/// Draws a <see cref="Chart"/> as an SVG that stands alone: text as text, shades that differ in grey, and the same bytes for the
/// same chart. OxyPlot draws axes, bars and legend; title, question and notes stand around them.
/// </summary>
public sealed class ChartDrawing
{
    public const string MediaType = "image/svg+xml";

    private const string Font = "Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif";

    /// <summary>In pixels, as all that follows.</summary>
    private const double Width = 960,
        Margin = 24,
        BarThickness = 17,
        RowGap = 9,
        LabelSize = 12,
        FigureSize = 11,
        UprightHeight = 420,
        AxisHeight = 56,
        LegendHeight = 30,
        Gap = 24;

    private const int LongestLabel = 38;

    private static readonly int[] Steps = [1, 2, 3, 4, 6, 12, 24, 60, 120, 240, 600, 1_200, 12_000, 120_000];
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";
    private static readonly OxyColor Ink = OxyColor.Parse("#16202e"),
        Soft = OxyColor.Parse("#4d5b6c"),
        Line = OxyColor.Parse("#d5dce5");

    /// <summary>Neighbours differ most in lightness.</summary>
    private static readonly OxyColor[] Shades = [.. new[] { "#12365f", "#a9c8e6", "#5b8db8", "#dbe7f2", "#34618f" }.Select(OxyColor.Parse)];

    private readonly Chart _chart;
    private readonly IReadOnlyList<string> _labels;
    private readonly double _most,
        _rowHeight,
        _plotHeight,
        _room,
        _roomApart;

    private ChartDrawing(Chart chart)
    {
        _chart = chart;
        _labels = [.. chart.Items.Select(r => string.Join('\n', Wrapped(r.Label, LongestLabel)))];
        _most = Math.Max(1, chart.Items.SelectMany(r => r.Figures).Max(f => Math.Max(f?.AtLeast ?? 0, f?.AtMost ?? 0)));
        _rowHeight = RowGap + Math.Max(_labels.Max(l => Text.Measure(l, LabelSize).Height), chart.Series.Count * BarThickness);
        (_room, _roomApart) = Rooms();
        _plotHeight = (chart.HasLegend ? LegendHeight : 0) + (chart.Upright ? UprightHeight : AxisHeight + chart.Items.Count * _rowHeight);
    }

    /// <summary>The width of a row's bars together, where rows are 1 apart.</summary>
    private double Thickness => _chart.Upright ? 0.78 : _chart.Series.Count * BarThickness / _rowHeight;

    private bool EndsApart => _chart is { Upright: true, Items: [_, .., { IsApart: true }] };

    /// <summary>How many rows stand side by side: all but one that is apart.</summary>
    private int Together => EndsApart ? _labels.Count - 1 : _labels.Count;

    /// <param name="name">Of the statistic, as in its path.</param>
    public static IResult Of(HttpContext http, string name, Chart chart)
    {
        http.Response.Headers.ContentLocation = $"/v1/statistics/{name}.svg{http.Request.QueryString}";
        return Results.Text(Write(chart), MediaType, Encoding.UTF8);
    }

    public static string Write(Chart chart)
    {
        var root = new XElement(Svg + "svg");
        var y = Margin;
        Lines(chart.Title, 20, Ink, bold: true);
        foreach (var line in chart.Asked)
            Lines(line, 13, Soft);
        y += 10;
        if (chart.Items.Count == 0)
        {
            Lines("Nothing happened in this part of the activity.", 14, Ink);
        }
        else
        {
            var drawing = new ChartDrawing(chart);
            root.Add(new XElement(Svg + "g", new XAttribute("transform", $"translate(0 {Number(y)})"), drawing.Plot()));
            y += drawing._plotHeight;
        }

        y += 10;
        foreach (var note in chart.Notes)
            Lines(note, 11, Soft);
        y += Margin - 8;
        root.AddFirst(
            new XElement(Svg + "title", Printable(chart.Title)),
            new XElement(Svg + "desc", Printable(chart.InWords)),
            new XElement(
                Svg + "rect",
                new XAttribute("width", Number(Width)),
                new XAttribute("height", Number(y)),
                new XAttribute("fill", "#ffffff")
            )
        );
        root.Add(
            new XAttribute("width", Number(Width)),
            new XAttribute("height", Number(y)),
            new XAttribute("viewBox", $"0 0 {Number(Width)} {Number(y)}"),
            new XAttribute("role", "img"),
            new XAttribute("font-family", Font)
        );
        return $"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n{root.ToString(SaveOptions.DisableFormatting)}\n";

        void Lines(string text, double size, OxyColor colour, bool bold = false)
        {
            foreach (var line in Wrapped(Printable(text), (int)((Width - 2 * Margin) / (size * Text.LetterWidth))))
            {
                y += size;
                root.Add(
                    new XElement(
                        Svg + "text",
                        new XAttribute("x", Number(Margin)),
                        new XAttribute("y", Number(y)),
                        new XAttribute("font-size", Number(size)),
                        new XAttribute("fill", $"#{colour.R:x2}{colour.G:x2}{colour.B:x2}"),
                        bold ? new XAttribute("font-weight", "bold") : null,
                        line
                    )
                );
                y += size * 0.4;
            }
        }
    }

    /// <summary>What OxyPlot draws, as elements to put into the picture.</summary>
    private IEnumerable<XElement> Plot()
    {
        var model = new PlotModel
        {
            DefaultFont = Font,
            DefaultFontSize = LabelSize,
            TextColor = Ink,
            PlotAreaBorderThickness = new OxyThickness(0),
            Padding = new OxyThickness(Margin, 2, Margin, 2),
        };
        model.Axes.Add(RowAxis());
        model.Axes.Add(ValueAxis());
        if (_chart.HasLegend)
        {
            model.Legends.Add(
                new Legend
                {
                    LegendPlacement = LegendPlacement.Outside,
                    LegendPosition = LegendPosition.TopLeft,
                    LegendOrientation = LegendOrientation.Horizontal,
                    LegendBorderThickness = 0,
                    LegendFontSize = LabelSize,
                    LegendSymbolLength = 22,
                    LegendItemSpacing = 22,
                    LegendPadding = 0,
                }
            );
        }

        for (var series = 0; series < _chart.Series.Count; series++)
            model.Series.Add(BarsOf(series));
        model.Series.Add(BarsBeyond());
        foreach (var annotation in Labels())
            model.Annotations.Add(annotation);

        var exporter = new SvgExporter
        {
            Width = Width,
            Height = _plotHeight,
            IsDocument = false,
            UseVerticalTextAlignmentWorkaround = true,
            TextMeasurer = new Text(),
        };
        return XElement.Parse(exporter.ExportToString(model)).Elements().Where(e => e.Name.LocalName != "defs").Select(Plain);
    }

    /// <summary>The width there is for each row of upright bars, and for one that is apart: at least that of its label.</summary>
    private (double Each, double Apart) Rooms()
    {
        const double All = Width - 130;
        if (!EndsApart)
            return (All / _labels.Count, 0);
        var (each, label) = ((All - Gap) / _labels.Count, Text.Measure(_labels[^1], LabelSize).Width + 8);
        return each >= label ? (each, each) : ((All - Gap - label) / Together, label);
    }

    /// <summary>Where the middle of a row is, where rows are 1 apart.</summary>
    private double At(int row) => row < Together ? row : Together - 0.5 + (Gap + _roomApart / 2) / _room;

    private RowsAxis RowAxis()
    {
        var step = Step();
        var labels = Enumerable.Range(0, _labels.Count).Where(row => row % step == 0 || row >= Together);
        return new([.. labels.Select(row => (At(row), Printable(_labels[row])))])
        {
            Position = _chart.Upright ? AxisPosition.Bottom : AxisPosition.Left,
            StartPosition = _chart.Upright ? 0 : 1,
            EndPosition = _chart.Upright ? 1 : 0,
            Minimum = -0.5,
            Maximum = Together - 0.5 + (EndsApart ? (Gap + _roomApart) / _room : 0),
            MajorTickSize = 0,
            MinorTickSize = 0,
            AxislineStyle = LineStyle.Solid,
            AxislineColor = Ink,
            Title = Printable(_chart.Rows),
            TitleColor = Soft,
            AxisTitleDistance = _chart.Upright ? 8 : 14,
        };
    }

    private LinearAxis ValueAxis() =>
        new()
        {
            Position = _chart.Upright ? AxisPosition.Left : AxisPosition.Bottom,
            Minimum = 0,
            Maximum = _most * 1.14,
            MinimumMajorStep = 1,
            MajorTickSize = 0,
            MinorTickSize = 0,
            MajorGridlineStyle = LineStyle.Solid,
            MajorGridlineColor = Line,
            Title = Printable(_chart.Values),
            TitleColor = Soft,
            AxisTitleDistance = 8,
            LabelFormatter = Number,
        };

    /// <summary>
    /// Every how many upright bars one has a label, so that labels have room; of months and quarters, the first of a year.
    /// </summary>
    private int Step()
    {
        if (!_chart.Upright)
            return 1;
        var needed = Text.Measure(_labels.MaxBy(l => l.Length)!, LabelSize).Width + 8;
        return Steps.First(step => step * _room >= needed);
    }

    private Bars BarsOf(int series)
    {
        var bars = new Bars
        {
            Title = Printable(_chart.Series[series]),
            FillColor = Shades[series],
            StrokeColor = Ink,
            StrokeThickness = 0.6,
            RenderInLegend = _chart.HasLegend,
        };
        for (var row = 0; row < _chart.Items.Count; row++)
        {
            if (_chart.Items[row].Figures[series] is { AtLeast: > 0 and var atLeast })
                bars.Items.Add(Bar(row, series, 0, atLeast));
        }

        return bars;
    }

    /// <summary>From the fewest to the most there can have been.</summary>
    private Bars BarsBeyond()
    {
        var bars = new Bars
        {
            FillColor = OxyColors.White,
            StrokeColor = Ink,
            StrokeThickness = 0.9,
            RenderInLegend = false,
        };
        foreach (var (row, series, figure) in Figures())
        {
            if (figure.AtMost is { } atMost && atMost > figure.AtLeast)
                bars.Items.Add(Bar(row, series, figure.AtLeast, atMost));
        }

        return bars;
    }

    private IEnumerable<Annotation> Labels()
    {
        var each = _room * Thickness / _chart.Series.Count;
        var fit = !_chart.Upright || Figures().All(f => Text.Measure(f.Figure.Label, FigureSize).Width < each / Thickness);
        foreach (var (row, series, figure) in Figures())
        {
            var (from, to) = Across(row, series);
            var (middle, end) = ((from + to) / 2, (double)(figure.AtMost ?? figure.AtLeast));
            if (figure.IsOpen)
            {
                yield return new ArrowAnnotation
                {
                    StartPoint = Point(middle, end),
                    EndPoint = Point(middle, end + _most * 0.05),
                    Color = Ink,
                    StrokeThickness = 1.2,
                    HeadLength = 5,
                    HeadWidth = 2.5,
                };
                end += _most * 0.05;
            }

            if (!fit)
                continue;
            yield return new TextAnnotation
            {
                Text = figure.Label,
                TextPosition = Point(middle, end),
                TextColor = Ink,
                TextHorizontalAlignment = _chart.Upright ? HorizontalAlignment.Center : HorizontalAlignment.Left,
                TextVerticalAlignment = _chart.Upright ? VerticalAlignment.Bottom : VerticalAlignment.Middle,
                Offset = _chart.Upright ? new ScreenVector(0, -3) : new ScreenVector(4, 0),
                Padding = new OxyThickness(0),
                FontSize = FigureSize,
                StrokeThickness = 0,
            };
        }
    }

    private IEnumerable<(int Row, int Series, ChartFigure Figure)> Figures() =>
        from row in Enumerable.Range(0, _chart.Items.Count)
        from series in Enumerable.Range(0, _chart.Series.Count)
        let figure = _chart.Items[row].Figures[series]
        where figure is not null
        select (row, series, figure.Value);

    private (double From, double To) Across(int row, int series)
    {
        var each = Thickness / _chart.Series.Count;
        var from = At(row) - Thickness / 2 + series * each;
        return (from, from + each);
    }

    private OxyPlot.Series.RectangleBarItem Bar(int row, int series, double from, double to)
    {
        var (low, high) = Across(row, series);
        return _chart.Upright ? new(low, from, high, to) : new(from, low, to, high);
    }

    private DataPoint Point(double across, double value) => _chart.Upright ? new DataPoint(across, value) : new DataPoint(value, across);

    /// <summary>
    /// The element without clip paths, whose ids two charts on one page would share, and without a font, which the whole picture has.
    /// </summary>
    private static XElement Plain(XElement drawn) =>
        new(
            Svg + drawn.Name.LocalName,
            drawn.Attributes().Where(a => !a.IsNamespaceDeclaration && a.Name.LocalName is not ("clip-path" or "font-family")),
            drawn.Nodes().Select(n => n is XElement child ? Plain(child) : n)
        );

    private static string Number(double n) => Math.Round(n, 2).ToString(CultureInfo.InvariantCulture);

    /// <summary>Lines of at most so many characters, broken between words where that can be.</summary>
    private static IEnumerable<string> Wrapped(string text, int most)
    {
        var line = new StringBuilder();
        foreach (var word in text.Split(' ').SelectMany(w => w.Chunk(most).Select(part => new string(part))))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > most)
            {
                yield return line.ToString();
                line.Clear();
            }

            line.Append(line.Length > 0 ? " " : "").Append(word);
        }

        yield return line.ToString();
    }

    /// <summary>The text without characters that XML forbids.</summary>
    private static string Printable(string text)
    {
        var printable = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            printable.Append(rune.IsBmp && !XmlConvert.IsXmlChar((char)rune.Value) ? "\uFFFD" : rune.ToString());
        return printable.ToString();
    }

    /// <summary>An axis with labels at these places and nowhere else.</summary>
    private sealed class RowsAxis : LinearAxis
    {
        private readonly IReadOnlyList<(double At, string Label)> _labels;

        public RowsAxis(IReadOnlyList<(double At, string Label)> labels)
        {
            _labels = labels;
            LabelFormatter = at => _labels.MinBy(l => Math.Abs(l.At - at)).Label;
        }

        public override void GetTickValues(
            out IList<double> majorLabelValues,
            out IList<double> majorTickValues,
            out IList<double> minorTickValues
        ) => (majorLabelValues, majorTickValues, minorTickValues) = ([.. _labels.Select(l => l.At)], [], []);
    }

    /// <summary>The size of a text in any of the fonts a reader may have: estimated, rather too large than too small.</summary>
    private sealed class Text() : PdfRenderContext(Width, Width, OxyColors.Undefined)
    {
        /// <summary>As a fraction of the font size.</summary>
        public const double LetterWidth = 0.58,
            CapitalWidth = 0.74;

        public static OxySize Measure(string text, double size)
        {
            var lines = text.Split('\n');
            return new OxySize(
                lines.Max(l => l.Sum(c => char.IsUpper(c) ? CapitalWidth : LetterWidth)) * size,
                size * (1.2 * lines.Length - 0.3)
            );
        }

        public override OxySize MeasureText(string text, string fontFamily, double fontSize, double fontWeight) =>
            string.IsNullOrEmpty(text) ? OxySize.Empty : Measure(text, fontSize);
    }
}
