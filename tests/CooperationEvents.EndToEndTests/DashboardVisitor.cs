using System.Text.Json;
using Deque.AxeCore.Commons;
using Microsoft.Playwright;

namespace CooperationEvents.EndToEndTests;

/// <summary>Somebody with a browser at the dashboard of the demo, who uses the keyboard.</summary>
internal sealed class DashboardVisitor : IAsyncDisposable
{
    /// <summary>Enough for a browser on a busy machine.</summary>
    private const float Patience = 60_000;

    private static readonly string[] Browsers = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;
    private readonly RunningDemo _demo;
    private readonly List<string> _faults = [];
    private IPage _page = null!;

    private DashboardVisitor(IPlaywright playwright, IBrowser browser, RunningDemo demo) =>
        (_playwright, _browser, _demo) = (playwright, browser, demo);

    public static async Task<DashboardVisitor> Open(RunningDemo demo)
    {
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions
            {
                ExecutablePath = Browsers.FirstOrDefault(File.Exists)
                    ?? throw new InvalidOperationException("Chromium is missing; install Debian's package chromium."),
                Args =
                [
                    "--no-sandbox",
                    "--disable-quic",
                    "--disable-gpu",
                    "--no-first-run",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                    "--no-proxy-server",
                ],
                Timeout = Patience,
            }
        );
        return new DashboardVisitor(playwright, browser, demo);
    }

    public async Task SeesTheFiguresAndTheirEvidence(string sentence)
    {
        await Comes(ColorScheme.Light, 1_200);
        await IsRefusedWithAWrongKey();
        await EntersTheKey();
        await HasNoBarrier("figures");
        await AsksAsOf("2018-04-04", sentence);
        await OpensTheEvidence("15", "15 items");
        await KeepsItsPlaceWhileFiguresComeAnew();
        await FindsTheQuestionAgainAfterAReload(sentence);
        await SeesNoOldAnswerUnderAQuestionThatIsRefused();
        await ComesByAnAddressWithAYearAndAMonth();
        (await _page.EvaluateAsync<int>("localStorage.length")).ShouldBe(0);
        await SeesWhatIsDueOnADayBeforeWhatIsDueInItsYear();

        await Comes(ColorScheme.Dark, 375);
        await EntersTheKey();
        await HasNoBarrier("figures on a phone in the dark");
        (await _page.EvaluateAsync<int>("document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(
            375,
            "The page is wider than a phone."
        );
        _faults.ShouldBeEmpty();
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }

    private async Task Comes(ColorScheme scheme, int width)
    {
        var context = await _browser.NewContextAsync(
            new BrowserNewContextOptions
            {
                ColorScheme = scheme,
                ViewportSize = new ViewportSize { Width = width, Height = 800 },
            }
        );
        context.SetDefaultTimeout(Patience);
        _page = await context.NewPageAsync();
        _page.PageError += (_, error) => _faults.Add(error);
        _page.Console += (_, message) =>
        {
            // The browser itself notes every answer that is an error.
            if (message.Type == "error" && !message.Text.Contains("Failed to load resource", StringComparison.Ordinal))
                _faults.Add(message.Text);
        };
        await _page.GotoAsync(_demo.Url + "/");
    }

    private async Task IsRefusedWithAWrongKey()
    {
        await _page.Locator("#key").FillAsync("no key");
        await _page.Keyboard.PressAsync("Enter");
        await _page.Locator("#alert").WaitForAsync();
        (await _page.Locator("#alert").TextContentAsync()).ShouldBe("This key is not valid, or not any more. Enter one that is.");
        (await _page.EvaluateAsync<string>("document.activeElement.id")).ShouldBe("key");
        (await _page.Locator("#key").GetAttributeAsync("aria-invalid")).ShouldBe("true");
        (await _page.EvaluateAsync<int>("sessionStorage.length")).ShouldBe(0);
        await HasNoBarrier("a refusal");
    }

    private async Task EntersTheKey()
    {
        await _page.Locator("#key").FillAsync(await _demo.Key("analyst"));
        await _page.Keyboard.PressAsync("Enter");
        await _page.Locator("#audit > *").First.WaitForAsync();
        (await _page.EvaluateAsync<string>("document.activeElement.id")).ShouldBe("main");
        (await _page.Locator("[aria-invalid]").CountAsync()).ShouldBe(0);
        (await _page.Locator("#years tbody tr").CountAsync()).ShouldBeGreaterThan(5);
        (await _page.Locator("#levels tbody tr").CountAsync()).ShouldBe(3);
        (await _page.Locator("#parties tbody tr").CountAsync()).ShouldBe(2);
        (await _page.Locator("#commitments p").TextContentAsync()).ShouldBe("2 open, 1 of them overdue, as of today.");
        (await _page.Locator("#commitments li").First.TextContentAsync()).ShouldBe(
            "due 2025-12Agree on indicators of reintegration (invented) DG HOME, IOM; overdue"
        );
    }

    /// <summary>A year stands for its last day: eight that are known to the year alone hide no day in it.</summary>
    private async Task SeesWhatIsDueOnADayBeforeWhatIsDueInItsYear()
    {
        await Comes(ColorScheme.Light, 1_200);
        var year = DateTime.UtcNow.AddYears(1).Year;
        await Serves("/v1/commitments", "", $"{year}", $"{year}-05-02", (when, text) => new
            {
                id = Guid.NewGuid(),
                text,
                owners = Array.Empty<string>(),
                dueOn = when,
                overdue = false,
            });
        await Serves("/v1/meetings", "state=scheduled", $"{year}", $"{year}-05-02T09:30", (when, title) => new
            {
                id = Guid.NewGuid(),
                title,
                start = when,
                end = when,
                timeZone = "UTC",
                frameworks = Array.Empty<object>(),
                state = "scheduled",
            });
        await _page.Locator("#key").FillAsync(await _demo.Key("analyst"));
        await _page.Keyboard.PressAsync("Enter");
        await _page.Locator("#audit > *").First.WaitForAsync();
        (await _page.Locator("#commitments li strong").First.TextContentAsync()).ShouldBe("on its day");
        (await _page.Locator("#upcoming li strong").First.TextContentAsync()).ShouldBe("on its day");

        Task Serves(string path, string query, string partial, string day, Func<string, string, object> item)
        {
            var items = Enumerable.Repeat(partial, 8).Select(w => item(w, "in its year")).Append(item(day, "on its day"));
            var body = JsonSerializer.Serialize(new { items });
            return _page.RouteAsync(
                url => url.Contains($"{path}?", StringComparison.Ordinal) && url.Contains(query, StringComparison.Ordinal),
                route => route.FulfillAsync(new RouteFulfillOptions { ContentType = "application/json", Body = body })
            );
        }
    }

    private async Task AsksAsOf(string day, string sentence)
    {
        await _page.Locator("#as-of").FillAsync(day);
        await _page.Locator("#question button").FocusAsync();
        await _page.Keyboard.PressAsync("Enter");
        await _page.GetByText(sentence).WaitForAsync();
    }

    /// <summary>By the keyboard alone: to the number, into the dialog, and back to the number.</summary>
    private async Task OpensTheEvidence(string figure, string items)
    {
        var number = _page.Locator("#totals button").First;
        (await number.TextContentAsync()).ShouldBe(figure);
        await number.FocusAsync();
        await _page.Keyboard.PressAsync("Enter");
        await _page.Locator("#evidence-items table").WaitForAsync();
        (await _page.Locator("#evidence-note").TextContentAsync()).ShouldNotBeNull().ShouldContain(items);
        (await _page.Locator("#evidence-items tbody tr").CountAsync()).ShouldBe(15);
        await HasNoBarrier("evidence");
        await _page.Keyboard.PressAsync("Escape");
        await StandsOn("meetingsHeld");
    }

    /// <summary>Figures that arrive put nobody off the number they stand on, with its evidence open or not.</summary>
    private async Task KeepsItsPlaceWhileFiguresComeAnew()
    {
        var attendances = _page.Locator("#totals button[data-measure=attendances]");

        await WhileFiguresCome(() => attendances.FocusAsync());
        await StandsOn("attendances");

        await WhileFiguresCome(async () =>
        {
            await attendances.FocusAsync();
            await _page.Keyboard.PressAsync("Enter");
            await _page.Locator("#evidence-items table").WaitForAsync();
        });
        await _page.Keyboard.PressAsync("Escape");
        await StandsOn("attendances");
    }

    private async Task FindsTheQuestionAgainAfterAReload(string sentence)
    {
        await _page.ReloadAsync();
        await _page.GetByText(sentence).WaitForAsync();
        (await _page.Locator("#as-of").InputValueAsync()).ShouldBe("2018-04-04");
        (await _page.Locator("#asked").TextContentAsync()).ShouldNotBeNull().ShouldStartWith("EU-IOM Strategic Cooperation Framework. ");
        (await _page.EvaluateAsync<string>("location.href")).ShouldNotContain(await _demo.Key("analyst"));
    }

    private async Task SeesNoOldAnswerUnderAQuestionThatIsRefused()
    {
        await _page.Locator("#known-at").FillAsync("tomorrow");
        await _page.Keyboard.PressAsync("Enter");
        await _page.Locator("#known-at[aria-invalid]").WaitForAsync();
        (await _page.Locator("#alert").TextContentAsync()).ShouldNotBeNull().ShouldStartWith("As known at: Must be a time");
        await _page.Locator("#known-at").FillAsync("1");
        await _page.Keyboard.PressAsync("Enter");
        await _page.Locator("#alert").WaitForAsync();
        (await _page.Locator("#sentence").IsVisibleAsync()).ShouldBeFalse();
        (await _page.Locator("#recent").IsVisibleAsync()).ShouldBeFalse();
    }

    /// <summary>They stand for days as in the API. What is no date is named, and not left out of the question.</summary>
    private async Task ComesByAnAddressWithAYearAndAMonth()
    {
        await _page.EvaluateAsync("location.hash = '#from=2014-02&asOf=2018'");
        await _page.Locator("#asked", new PageLocatorOptions { HasText = "From 2014-02-01 to 2018-12-31" }).WaitForAsync();
        (await _page.Locator("#from").InputValueAsync()).ShouldBe("2014-02-01");
        (await _page.Locator("#as-of").InputValueAsync()).ShouldBe("2018-12-31");
        await _page.EvaluateAsync("location.hash = '#asOf=2016-02'");
        await _page.Locator("#asked", new PageLocatorOptions { HasText = "As of 2016-02-29" }).WaitForAsync();

        await _page.EvaluateAsync("location.hash = '#asOf=2018-13'");
        await _page.Locator("#as-of[aria-invalid]").WaitForAsync();
        (await _page.Locator("#alert").TextContentAsync()).ShouldBe(
            "Activity up to: Must be a year (2021), a month (2012-07) or a day (2018-04-04)."
        );
        (await _page.Locator("#sentence").IsVisibleAsync()).ShouldBeFalse();
        (await _page.EvaluateAsync<string>("location.hash")).ShouldBe("#asOf=2018-13");

        await _page.Locator("#question button").ClickAsync();
        await _page.Locator("#sentence").WaitForAsync();
        (await _page.EvaluateAsync<string>("location.hash")).ShouldBeEmpty();
    }

    /// <summary>Asks, and does something before the figures are there.</summary>
    private async Task WhileFiguresCome(Func<Task> something)
    {
        const string figures = "**/v1/statistics/factsheet?**";
        var asked = new TaskCompletionSource<IRoute>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _page.RouteAsync(figures, asked.SetResult);
        await _page.Locator("#question button").ClickAsync();
        var route = await asked.Task.WaitAsync(TimeSpan.FromMilliseconds(Patience));
        await something();
        await route.ContinueAsync();
        await _page.UnrouteAsync(figures);
        await _page.Locator("#status", new PageLocatorOptions { HasText = "Read up to position" }).WaitForAsync();
    }

    private Task StandsOn(string measure) =>
        _page.WaitForFunctionAsync("measure => document.activeElement.dataset.measure === measure", measure);

    /// <summary>No rule of axe is broken. The page's own policy lets no script in, so axe comes by the browser's debugger.</summary>
    private async Task HasNoBarrier(string where)
    {
        var debugger = await _page.Context.NewCDPSessionAsync(_page);
        await debugger.SendAsync(
            "Runtime.evaluate",
            new Dictionary<string, object> { ["expression"] = new BundledAxeScriptProvider().GetScript() }
        );
        var results = await _page.EvaluateAsync<JsonElement>("axe.run()");
        results.GetProperty("passes").GetArrayLength().ShouldBeGreaterThan(10, where);
        results.GetProperty("violations").EnumerateArray().Select(v => v.GetRawText()).ShouldBeEmpty(where);
    }
}
