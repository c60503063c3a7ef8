using System.Globalization;
using System.Net;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests;

/// <summary>What a browser does for a person who signs in: keeps cookies for each site, and goes where it is sent.</summary>
internal sealed class Browser : IDisposable
{
    private readonly CookieContainer _cookies = new();
    private readonly Uri _register;
    private readonly HttpClient _ofRegister;
    private readonly HttpClient _ofOthers = new(
        new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
        }
    );

    public Browser(Uri register, HttpMessageHandler handler) => (_register, _ofRegister) = (register, new HttpClient(handler));

    /// <summary>Every cookie that was set, as the answer said it.</summary>
    public List<string> Set { get; } = [];

    /// <summary>A browser at a register hosted in this process.</summary>
    public static Browser At(RegisterHost host) => new(new Uri("http://localhost/"), host.Handler());

    /// <summary>The cookies it sends to the register now.</summary>
    public string Cookies => _cookies.GetCookieHeader(_register);

    /// <summary>Opens an address as if it were typed, or with the headers that a page of some site would send.</summary>
    public Task<Answer> Get(string address, params (string Name, string Value)[] headers) => Send(HttpMethod.Get, address, headers);

    public Task<Answer> Post(string address, params (string Name, string Value)[] headers) => Send(HttpMethod.Post, address, headers);

    /// <summary>Goes from the register to the provider, says there who it is, and comes back with what the provider answered.</summary>
    /// <param name="atProvider">Changes the address that the register sends it to.</param>
    public async Task<string> WayBack(string user, string roles, Func<string, string>? atProvider = null)
    {
        var sent = await Get("/sign-in");
        sent.Status.ShouldBe(302, sent.ToString());
        var there = (atProvider ?? (address => address))(sent.Header("Location")!);
        var allowed = await Get(string.Create(CultureInfo.InvariantCulture, $"{there}&user={user}&roles={Uri.EscapeDataString(roles)}"));
        allowed.Status.ShouldBe(302, allowed.ToString());
        return allowed.Header("Location")!;
    }

    public async Task<Answer> SignIn(string user, string roles) => await Get(await WayBack(user, roles));

    public void Dispose()
    {
        _ofRegister.Dispose();
        _ofOthers.Dispose();
    }

    private async Task<Answer> Send(HttpMethod method, string address, (string Name, string Value)[] headers)
    {
        var uri = new Uri(_register, address);
        using var request = new HttpRequestMessage(method, uri);
        if (_cookies.GetCookieHeader(uri) is { Length: > 0 } kept)
            request.Headers.Add("Cookie", kept);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await (uri.Authority == _register.Authority ? _ofRegister : _ofOthers).SendAsync(request);
        foreach (var cookie in response.Headers.TryGetValues("Set-Cookie", out var set) ? set : [])
        {
            Set.Add(cookie);
            _cookies.SetCookies(uri, cookie);
        }

        return await Answer.Of(response, () => null);
    }
}
