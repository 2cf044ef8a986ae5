// In the place of Grafana's program, which knows data sources by their addresses: there are none here.
export const getDataSourceSrv = () => undefined;
